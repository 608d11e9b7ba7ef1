import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import type { Secret } from "@openclaw/secrets";

/** What became of asking a gateway. Being away is nothing broken, so all of it is values. */
export type GatewayReply =
  /** It answered in JSON. */
  | { readonly kind: "answered"; readonly status: number; readonly body: unknown }
  /** It did not take the token. */
  | { readonly kind: "refused" }
  /** Nobody listens there. */
  | { readonly kind: "absent"; readonly reason: string }
  /** The time was up before the whole answer was here. */
  | { readonly kind: "timed-out"; readonly timeoutMs: number }
  /** Something answered, and not as a gateway does; or it broke off. */
  | { readonly kind: "odd"; readonly reason: string };

/** One question to a gateway. */
export interface GatewayQuestion {
  readonly method: "GET" | "POST";
  /** `/api/v1/secrets` */
  readonly path: string;
  /** For the whole of it, from the connection to the last byte. */
  readonly timeoutMs: number;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** A running gateway, as a command talks to it. */
export interface GatewayClient {
  ask(question: GatewayQuestion): Promise<GatewayReply>;
}

export interface GatewayClientOptions {
  /** As `parseGatewayUrl` gives it: the token goes there. */
  readonly url: URL;
  readonly token: Secret;
  /** A signal that ends after a time: the system's, unless given. */
  readonly after?: (durationMs: number) => AbortSignal;
}

/** Largest answer that is read: the state of some ten thousand references. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Talks to a gateway. A redirect is not followed and no proxy of the environment is used: the token goes to
 * the given address and nowhere else. What does not answer in JSON is not quoted.
 *
 * @example
 * const reply = await createGatewayClient({ url, token }).ask({ method: "GET", path: "/api/v1/secrets", timeoutMs: 500 });
 */
export function createGatewayClient({ url, token, after = AbortSignal.timeout }: GatewayClientOptions): GatewayClient {
  return {
    async ask(question) {
      const signal = after(question.timeoutMs);
      try {
        const response = await send(url, token, question, signal);
        return await read(response);
      } catch (error) {
        if (signal.aborted) return { kind: "timed-out", timeoutMs: question.timeoutMs };
        return brokenOff(error);
      }
    },
  };
}

function send(url: URL, token: Secret, { method, path, body }: GatewayQuestion, signal: AbortSignal): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${token.reveal()}`,
    accept: "application/json",
    ...(text !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
  };
  const target = new URL(url.pathname.replace(/\/+$/u, "") + path, url.origin);
  const open = target.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    // An agent of its own: the shared one goes through HTTP_PROXY where NODE_USE_ENV_PROXY is set.
    const request = open(target, { method, signal, agent: false });
    // Not among the options: with NODE_DEBUG Node prints those.
    for (const [name, value] of Object.entries(headers)) request.setHeader(name, value);
    request.once("response", resolve);
    request.on("error", reject);
    request.end(text);
  });
}

async function read(response: IncomingMessage): Promise<GatewayReply> {
  const status = response.statusCode ?? 0;
  const type = (response.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (status === 401 || status === 403 || (status >= 300 && status < 400) || type !== "application/json") {
    response.destroy();
    if (status === 401) return { kind: "refused" };
    if (status >= 300 && status < 400) return { kind: "odd", reason: `a redirect (HTTP ${status}), which is not followed` };
    if (status !== 403 || type !== "application/json") return { kind: "odd", reason: `HTTP ${status} and no JSON` };
    return { kind: "odd", reason: "HTTP 403: it does not answer to this address" };
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_ANSWER_BYTES) {
      response.destroy();
      return { kind: "odd", reason: `more than ${MAX_ANSWER_BYTES} bytes` };
    }
    chunks.push(bytes);
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    return { kind: "answered", status, body };
  } catch {
    return { kind: "odd", reason: `HTTP ${status} and no valid JSON` };
  }
}

/** Codes of a connection that never came about. */
const absent: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
]);

function brokenOff(error: unknown): GatewayReply {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  if (absent.has(code)) return { kind: "absent", reason: code };
  return { kind: "odd", reason: `a connection that broke off (${code})` };
}
