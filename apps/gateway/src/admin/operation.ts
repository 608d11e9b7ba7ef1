import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { ClientCall } from "../call.ts";
import { abortWhenClosed } from "../client-gone.ts";
import type { GatewayContext } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { redactedJson } from "../redacted-json.ts";
import { readBody } from "../request-body.ts";
import type { ClientRoute } from "../route.ts";
import { sendJson } from "../send-json.ts";
import { checkInput } from "./check-input.ts";

/** One thing the admin API does: a route, and what the OpenAPI document says of it. */
export interface AdminOperation {
  readonly route: ClientRoute;
  readonly id: string;
  readonly summary: string;
  /** More than its summary says, in Markdown. */
  readonly description?: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  /** Of what it takes as JSON. An empty body counts as `{}`. */
  readonly body: z.ZodObject;
  /** By status; of a stream of events, of each event's data. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
  readonly answerType: "application/json" | "text/event-stream";
}

/** What a handler is given, judged. */
interface AdminRequest<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** The client left. */
  readonly signal: AbortSignal;
}

/** How an operation is written down. */
export interface OperationSpec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject, A> {
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  /** What stands in its path, behind the `?` and in the body; {@link noInput} where nothing may. */
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly answer: z.ZodType<A>;
  /** With which status an answer goes out, where that is not always 200. */
  readonly status?: { readonly of: (answer: A) => number; readonly others: readonly number[] };
  readonly handle: (request: AdminRequest<z.output<P>, z.output<Q>, z.output<B>>, context: GatewayContext) => A | Promise<A>;
}

/** Bodies name accounts and models, and hold nothing large. */
const BODY_LIMIT = 64 * 1024;

type Nothing = z.ZodObject<Record<never, never>, z.core.$strict>;

const nothing: Nothing = z.strictObject({});

/** For an operation that takes nothing, or what it says behind this. */
export const noInput: { readonly params: Nothing; readonly query: Nothing; readonly body: Nothing } = {
  params: nothing,
  query: nothing,
  body: nothing,
};

/** Makes an operation of its description. What its schema says of an answer is checked by the compiler, and by tests. */
export function operation<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject, A>(
  spec: OperationSpec<P, Q, B, A>,
): AdminOperation {
  const { id, method, path, summary, description, params, query, body, answer, status } = spec;

  async function handle(call: ClientCall, context: GatewayContext): Promise<void> {
    const signal = abortWhenClosed(call.response);
    const judged = {
      params: checkInput(params, call.params, "path"),
      query: checkInput(query, queryOf(call.request), "query"),
      body: checkInput(body, method === "GET" ? {} : await readJson(call.request), "body"),
      signal,
    };
    const answered = await spec.handle(judged, context);
    sendJson(call.response, status?.of(answered) ?? 200, redactedJson(answered, context.secrets.redactor));
  }

  return {
    route: { method, path, access: "admin", handle },
    id,
    summary,
    ...(description !== undefined && { description }),
    params,
    query,
    body,
    answers: Object.fromEntries([200, ...(status?.others ?? [])].map((code) => [code, answer])),
    answerType: "application/json",
  };
}

/**
 * What stands behind the `?` of a request, each name once.
 *
 * @throws {GatewayError} `invalid-request`.
 */
export function queryOf(request: IncomingMessage): Readonly<Record<string, string>> {
  const url = request.url ?? "";
  const start = url.indexOf("?");
  const pairs = start < 0 ? [] : [...new URLSearchParams(url.slice(start + 1))];
  const names = new Set(pairs.map(([name]) => name));
  if (names.size < pairs.length) throw new GatewayError("invalid-request", "A parameter behind the ? is given twice");
  return Object.fromEntries(pairs);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const bytes = await readBody(request, BODY_LIMIT);
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new GatewayError("invalid-request", "The body is no valid JSON in UTF-8");
  }
}
