import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { createFirstEventReader, type Dialect } from "@openclaw/providers";
import type { Redactor, Secret } from "@openclaw/secrets";
import type { Dispatcher } from "undici";
import { isEventStream, redactionFor, type AnswerRedaction } from "./answer-redaction.ts";
import { GatewayError } from "./errors.ts";
import { responseHeadersFrom } from "./forwarded-headers.ts";
import { plainError } from "./plain-error.ts";
import { codingsOf } from "./unpack-body.ts";

/** An error body, or the beginning of a stream, is held back this far at most. */
const HOLD_BYTES = 64 * 1024;
const HOLD_MS = 10_000;

/** A provider's answer, held before its first byte is handed on. */
export interface Upstream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Of an error the text as far as it was read; of a stream that began with an error event, its data. Holds no known value. */
  readonly errorText: string | undefined;
  /** Sends the answer to a client, with backpressure. Call it once. */
  take(response: ServerResponse, extraHeaders: Readonly<Record<string, string>>): void;
  /** Drops the answer. */
  discard(): void;
}

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
}

/**
 * Sends one request and resolves when it is known what the answer is: at its head; for an error once
 * its body is here, or as much of it as came before the connection broke; for an event stream at the
 * first event that is content or an error.
 *
 * @throws {GatewayError} `upstream-redirect`; otherwise what the connection failed with, as it came.
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
    let holdTimer: NodeJS.Timeout | undefined;
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    let watch: ((chunk: Buffer) => boolean) | undefined;
    let streamError: string | undefined;
    let redaction: AnswerRedaction | undefined;

    const onAbort = () => controller?.abort(abortError(request.signal));
    request.signal.addEventListener("abort", onAbort, { once: true });

    function settle(): void {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(holdTimer);
      if (ending === undefined) controller?.pause();
      const text = streamError ?? (status >= 400 ? readError() : undefined);
      resolve({ status, headers, errorText: text === undefined ? undefined : request.redactor.text(text), take, discard });
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

    function end(how: "whole" | "cut"): void {
      if (ending !== undefined) return;
      ending = how;
      clearTimeout(holdTimer);
      request.signal.removeEventListener("abort", onAbort);
      if (client) finish(client);
    }

    /** Once the head is out, a cut connection is the only honest sign that an answer is not whole. */
    function finish(response: ServerResponse): void {
      const rest = redaction?.end();
      if (ending === "whole") response.end(rest);
      else response.destroy();
    }

    /** Trailers and the text beside the status are not passed on. */
    function headOf(extraHeaders: Readonly<Record<string, string>>): OutgoingHttpHeaders {
      const clean = responseHeadersFrom(headers, { clean: (text) => request.redactor.text(text), spelt: namesOf(controller?.rawHeaders) });
      const { "content-length": length, ...others } = clean;
      const isFixed = length !== undefined && (redaction?.keepsLength ?? true);
      return { ...(isFixed ? clean : others), ...extraHeaders };
    }

    function take(response: ServerResponse, extraHeaders: Readonly<Record<string, string>>): void {
      client = response;
      redaction = redactionFor({ status, headers, redactor: request.redactor, sent: request.sent });
      response.writeHead(status, headOf(extraHeaders));
      response.flushHeaders();
      const outputs = held.splice(0).map((chunk) => redaction?.push(chunk) ?? chunk);
      const chunks = outputs.filter((output) => output.length > 0);
      response.on("drain", () => controller?.resume());
      if (ending === undefined) {
        for (const chunk of chunks) response.write(chunk);
        if (!response.writableNeedDrain) controller?.resume();
      } else if (chunks.length === 0) {
        finish(response);
      } else {
        response.write(Buffer.concat(chunks), () => finish(response));
      }
    }

    function discard(): void {
      request.signal.removeEventListener("abort", onAbort);
      if (ending === undefined) controller?.abort(new Error("answer not wanted"));
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
          watch = watcherFor(statusCode, headers, (text) => {
            streamError = text;
          });
          if (watch === undefined) settle();
          else holdTimer = setTimeout(settle, HOLD_MS);
        },
        onResponseData(_controller, chunk) {
          if (ending !== undefined) return;
          if (client) {
            const output = redaction?.push(chunk) ?? chunk;
            if (output.length > 0 && !client.write(output)) controller?.pause();
            return;
          }
          held.push(chunk);
          heldBytes += chunk.length;
          if (watch?.(chunk) === true || heldBytes >= HOLD_BYTES) settle();
        },
        onResponseEnd() {
          end("whole");
          settle();
        },
        onResponseError(_controller, error) {
          end("cut");
          // The status of an error says enough to judge it, even if its body broke off.
          if (status >= 400) settle();
          // Nor is it news that an answer broke off that was let go here.
          if (isSettled) return;
          isSettled = true;
          reject(error);
        },
      },
    );
  });
}

/** Says when enough of the body is here; `undefined` when none of it has to be held. */
function watcherFor(
  status: number,
  headers: IncomingHttpHeaders,
  onError: (text: string) => void,
): ((chunk: Buffer) => boolean) | undefined {
  if (status >= 400) return () => false;
  // A stream that was compressed although nobody asked for it cannot be looked into.
  if (!isEventStream(headers)) return undefined;
  const reader = createFirstEventReader();
  return (chunk) => {
    const event = reader.push(chunk);
    if (event?.kind === "error") onError(event.data);
    return event !== undefined;
  };
}

/** Names and values take turns. */
function namesOf(raw: Dispatcher.DispatchController["rawHeaders"]): readonly string[] {
  return Array.isArray(raw) ? raw.map(String).filter((_name, index) => index % 2 === 0) : [];
}

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted");
}
