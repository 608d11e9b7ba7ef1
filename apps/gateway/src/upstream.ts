import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { Dialect } from "@openclaw/providers";
import type { Redactor, Secret } from "@openclaw/secrets";
import type { Dispatcher } from "undici";
import { beginningOf, type AnswerBeginning } from "./answer-beginning.ts";
import { redactionFor, type AnswerRedaction } from "./answer-redaction.ts";
import { createAnswerWriter, type AnswerWriter } from "./answer-writer.ts";
import { GatewayError } from "./errors.ts";
import { answerHead, type HeaderChanges } from "./forwarded-headers.ts";
import { plainError } from "./plain-error.ts";
import { codingsOf } from "./unpack-body.ts";

/** An error body, or the beginning of a stream, is held back this far at most. */
const HOLD_BYTES = 64 * 1024;
const HOLD_MS = 10_000;
const NOTHING = Buffer.alloc(0);

/** A provider's answer, held before its first byte is handed on. */
export interface Upstream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Of an error the text as far as it was read; of a stream that began with an error event, its data. Holds no known value. */
  readonly errorText: string | undefined;
  /** Resolves when the answer is over, or earlier at an error event that comes behind content. */
  readonly ended: Promise<AnswerEnd>;
  /** Sends the answer to a client, with backpressure. Call it once. */
  take(response: ServerResponse, changes: HeaderChanges): void;
  /** Drops the answer. */
  discard(): void;
}

/** How an answer that was begun ended: `over` is whole, dropped, or left by its client; `cut` is broken off by the provider. */
type AnswerEnd = { readonly how: "over" | "cut" } | { readonly how: "error"; readonly data: string };

export interface UpstreamRequest {
  readonly dispatcher: Dispatcher;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  readonly signal: AbortSignal;
  /** Errors and headers pass through it: providers repeat keys in them. */
  readonly redactor: Redactor;
  /** The secret among the headers. Successful answers are searched for it. */
  readonly sent?: Secret | undefined;
  /** What the client speaks: the shape of an error of ours. OpenAI's unless given. */
  readonly dialect?: Dialect;
  /** Whether a JSON answer with a good status is an error, for providers that say so in the middle of it. */
  readonly isHiddenError?: ((body: string) => boolean) | undefined;
}

/**
 * Sends one request and resolves when it is known what the answer is: at the first bytes of its body; for an error once
 * its body is here, or as much of it as came before the connection broke; for an event stream at the
 * first event that is content or an error.
 *
 * @throws {GatewayError} `upstream-redirect`, `upstream-empty` or `upstream-web-page`; otherwise what the connection failed with, as it came.
 */
export function sendUpstream(request: UpstreamRequest): Promise<Upstream> {
  return new Promise((resolve, reject) => {
    const held: Buffer[] = [];
    let heldBytes = 0;
    let controller: Dispatcher.DispatchController | undefined;
    let isSettled = false;
    /** How the answer ended: whole, or cut off. */
    let ending: "whole" | "cut" | undefined;
    let client: ServerResponse | undefined;
    let writer: AnswerWriter | undefined;
    let holdTimer: NodeJS.Timeout | undefined;
    let status = 0;
    let announced = Number.NaN;
    let headers: IncomingHttpHeaders = {};
    let beginning: AnswerBeginning | undefined;
    let softError: string | undefined;
    const over = Promise.withResolvers<AnswerEnd>();
    let redaction: AnswerRedaction | undefined;

    const onAbort = () => controller?.abort(abortError(request.signal));
    request.signal.addEventListener("abort", onAbort, { once: true });

    function settle(): void {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(holdTimer);
      softError = beginning?.softError(() => Buffer.concat(held));
      const text = softError ?? (status >= 400 ? readError() : undefined);
      const errorText = text === undefined ? undefined : request.redactor.text(text);
      resolve({ status, headers, errorText, ended: over.promise, take, discard });
    }

    /** The text of an error. A compressed one is unpacked or replaced, and what is still to come of it is not waited for. */
    function readError(): string {
      const body = Buffer.concat(held);
      if (codingsOf(headers).length === 0) return body.toString("utf8");
      const { dialect = "openai-completions" } = request;
      const plain = plainError({ status, headers, body: ending === "whole" ? body : undefined, dialect });
      headers = plain.headers;
      held.splice(0, held.length, plain.body);
      const isUnderWay = ending === undefined;
      // The body that goes out is whole, whatever becomes of the one it stands for.
      ending = "whole";
      if (isUnderWay) {
        request.signal.removeEventListener("abort", onAbort);
        controller?.abort(new Error("answer not readable"));
      }
      return plain.text;
    }

    function fail(error: Error): void {
      isSettled = true;
      reject(error);
    }

    function end(how: "whole" | "cut"): void {
      if (ending !== undefined) return;
      ending = how;
      clearTimeout(holdTimer);
      request.signal.removeEventListener("abort", onAbort);
      if (writer) finish(writer, NOTHING);
      else if (request.signal.aborted) over.resolve({ how: "over" });
    }

    function finish(writer: AnswerWriter, last: Buffer): void {
      const rest = redaction?.end() ?? NOTHING;
      const bytes = last.length === 0 ? rest : rest.length === 0 ? last : Buffer.concat([last, rest]);
      if (ending === "whole") writer.end(bytes);
      else writer.cut(bytes);
      over.resolve({ how: ending === "whole" || request.signal.aborted ? "over" : "cut" });
    }

    /** Trailers and the text beside the status are not passed on. */
    function take(response: ServerResponse, changes: HeaderChanges): void {
      const { redactor, sent } = request;
      const onError = (data: string) => over.resolve({ how: "error", data });
      redaction = redactionFor({ isError: status >= 400 || softError !== undefined, headers, redactor, sent, onError });
      const keepsLength = redaction?.keepsLength ?? true;
      const head = answerHead({ headers, raw: rawHeadersOf(controller), redactor, keepsLength, changes });
      client = response;
      writer = createAnswerWriter(response, status, head);
      const [only = NOTHING, ...others] = held.splice(0);
      const bytes = others.length === 0 ? only : Buffer.concat([only, ...others]);
      const output = redaction?.push(bytes) ?? bytes;
      if (ending !== undefined) finish(writer, output);
      else if (writer.write(output)) resume();
      else response.once("drain", resume);
    }

    function resume(): void {
      controller?.resume();
    }

    function discard(): void {
      request.signal.removeEventListener("abort", onAbort);
      if (ending === undefined) controller?.abort(new Error("answer not wanted"));
      over.resolve({ how: "over" });
    }

    request.dispatcher.dispatch(
      { method: "POST", path: request.path, headers: request.headers, body: request.body },
      {
        onRequestStart(given) {
          controller = given;
          if (request.signal.aborted) onAbort();
        },
        onResponseStart(_controller, statusCode, responseHeaders) {
          if (statusCode < 200) return;
          status = statusCode;
          headers = responseHeaders;
          if (statusCode >= 300 && statusCode < 400) {
            const message = `the provider answered with a redirect (${statusCode}), which is not followed`;
            controller?.abort(new GatewayError("upstream-redirect", message));
            return;
          }
          if (statusCode < 400 && isWebPage(headers)) {
            const message = `the provider answered ${statusCode} with a web page, such as the login page of a proxy before it`;
            controller?.abort(new GatewayError("upstream-web-page", message));
            return;
          }
          announced = Number(headers["content-length"] ?? Number.NaN);
          beginning = beginningOf({ status, headers, isHiddenError: request.isHiddenError });
          holdTimer = setTimeout(settle, HOLD_MS);
        },
        onResponseData(_controller, chunk) {
          if (ending !== undefined) return;
          if (writer) {
            const output = redaction?.push(chunk) ?? chunk;
            if (output.length > 0 && !writer.write(output)) {
              controller?.pause();
              client?.once("drain", resume);
            }
            return;
          }
          held.push(chunk);
          heldBytes += chunk.length;
          if (isSettled) {
            // It is not taken yet: others are asked first.
            controller?.pause();
            return;
          }
          const isTold = beginning?.push(chunk) === true;
          // What is here as a whole ends next, and goes out as a whole.
          if ((isTold && heldBytes !== announced) || heldBytes >= HOLD_BYTES) settle();
        },
        onResponseEnd() {
          end("whole");
          if (!isSettled && beginning?.isEmpty(() => Buffer.concat(held)) === true) fail(emptyAnswer(status));
          else settle();
        },
        onResponseError(_controller, error) {
          end("cut");
          // The status of an error says enough to judge it, even if its body broke off.
          if (status >= 400) settle();
          // Nor is it news that an answer broke off that was let go here.
          if (!isSettled) fail(error);
        },
      },
    );
  });
}

function isWebPage(headers: IncomingHttpHeaders): boolean {
  // A header sent twice is a list at run time.
  return /^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:$|[;,])/iu.test(String(headers["content-type"] ?? ""));
}

function emptyAnswer(status: number): GatewayError {
  return new GatewayError("upstream-empty", `the provider answered ${status} and said nothing`);
}

/** Names and values take turns. */
function rawHeadersOf(controller: Dispatcher.DispatchController | undefined): readonly (Buffer | string)[] {
  const raw = controller?.rawHeaders;
  return Array.isArray(raw) ? raw : [];
}

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted");
}
