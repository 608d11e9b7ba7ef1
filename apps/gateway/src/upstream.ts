import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { Dispatcher } from "undici";
import { GatewayError } from "./errors.ts";
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
}

/**
 * Sends one request and resolves when it is known what the answer is: at its head; for an error once
 * its body is here; for an event stream at the first event that is content or an error.
 *
 * @throws {GatewayError} `upstream-redirect`; otherwise what the connection failed with, as it came.
 */
export function sendUpstream(request: UpstreamRequest): Promise<Upstream> {
  return new Promise((resolve, reject) => {
    const held: Buffer[] = [];
    let heldBytes = 0;
    let controller: Dispatcher.DispatchController | undefined;
    let isSettled = false;
    let isEnded = false;
    let client: ServerResponse | undefined;
    let holdTimer: NodeJS.Timeout | undefined;
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    let watch: ((chunk: Buffer) => boolean) | undefined;
    let streamError: string | undefined;

    const onAbort = () => controller?.abort(abortError(request.signal));
    request.signal.addEventListener("abort", onAbort, { once: true });

    const settle = () => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(holdTimer);
      if (!isEnded) controller?.pause();
      const errorText = streamError ?? (status >= 400 ? Buffer.concat(held).toString("utf8") : undefined);
      resolve({ status, headers, errorText, take, discard });
    };

    function take(response: ServerResponse, extraHeaders: Readonly<Record<string, string>>): void {
      client = response;
      response.writeHead(status, { ...responseHeadersFrom(headers), ...extraHeaders });
      for (const chunk of held.splice(0)) response.write(chunk);
      response.on("drain", () => controller?.resume());
      if (isEnded) response.end();
      else if (!response.writableNeedDrain) controller?.resume();
      response.flushHeaders();
    }

    function discard(): void {
      request.signal.removeEventListener("abort", onAbort);
      if (!isEnded) controller?.abort(new Error("answer not wanted"));
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
            controller?.abort(
              new GatewayError("upstream-redirect", `the provider answered with a redirect (${statusCode}), which is not followed`),
            );
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
            if (!client.write(chunk)) controller?.pause();
            return;
          }
          held.push(chunk);
          heldBytes += chunk.length;
          if (watch?.(chunk) === true || heldBytes >= HOLD_BYTES) settle();
        },
        onResponseEnd() {
          isEnded = true;
          request.signal.removeEventListener("abort", onAbort);
          settle();
          client?.end();
        },
        onResponseError(_controller, error) {
          isEnded = true;
          clearTimeout(holdTimer);
          request.signal.removeEventListener("abort", onAbort);
          // Once the head is out, a cut connection is the only honest sign that the answer is not whole.
          if (isSettled) client?.destroy();
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
  if (!headers["content-type"]?.startsWith("text/event-stream")) return undefined;
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
