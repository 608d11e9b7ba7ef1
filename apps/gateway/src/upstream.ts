import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { RedactionStream, Redactor } from "@openclaw/secrets";
import type { Dispatcher } from "undici";
import { GatewayError } from "./errors.ts";
import { readErrorText } from "./error-text.ts";
import { createFirstEventReader } from "./first-event.ts";
import { responseHeadersFrom } from "./forwarded-headers.ts";

/** An error body, or the beginning of a stream, is held back this far at most. */
const HOLD_BYTES = 64 * 1024;
const HOLD_MS = 10_000;

/** A provider's answer, held before its first byte is handed on. */
export interface Upstream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Of an error the text as far as it was read; of a stream that began with an error event, its data. */
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
    /** Through which an error goes to the client. A successful answer is passed on as the bytes it came in. */
    let cleaner: RedactionStream | undefined;

    const onAbort = () => controller?.abort(abortError(request.signal));
    request.signal.addEventListener("abort", onAbort, { once: true });

    function settle(): void {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(holdTimer);
      if (ending === undefined) controller?.pause();
      const errorText = streamError ?? (status >= 400 ? readErrorText(headers, Buffer.concat(held)) : undefined);
      resolve({ status, headers, errorText, take, discard });
    }

    function end(how: "whole" | "cut"): void {
      ending = how;
      clearTimeout(holdTimer);
      request.signal.removeEventListener("abort", onAbort);
      if (client) finish(client);
    }

    /** Once the head is out, a cut connection is the only honest sign that an answer is not whole. */
    function finish(response: ServerResponse): void {
      const rest = cleaner?.end();
      if (ending === "whole") response.end(rest);
      else response.destroy();
    }

    /** The head of an error leaves out the length of a body that may change. */
    function headOf(extraHeaders: Readonly<Record<string, string>>): OutgoingHttpHeaders {
      const clean = responseHeadersFrom(headers, (value) => request.redactor.text(value));
      const { "content-length": length, ...others } = clean;
      return { ...(cleaner || length === undefined ? others : clean), ...extraHeaders };
    }

    function take(response: ServerResponse, extraHeaders: Readonly<Record<string, string>>): void {
      client = response;
      if (status >= 400 || streamError !== undefined) cleaner = request.redactor.stream();
      response.writeHead(status, headOf(extraHeaders));
      response.flushHeaders();
      const chunks = held.splice(0).map((chunk) => cleaner?.push(chunk) ?? chunk);
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
          if (client) {
            if (!client.write(cleaner?.push(chunk) ?? chunk)) controller?.pause();
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
  const isReadable = (headers["content-encoding"] ?? "identity") === "identity";
  if (!isReadable || !headers["content-type"]?.toLowerCase().startsWith("text/event-stream")) return undefined;
  const reader = createFirstEventReader();
  return (chunk) => {
    const event = reader.push(chunk);
    if (event?.kind === "error") onError(event.data);
    return event !== undefined;
  };
}

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted");
}
