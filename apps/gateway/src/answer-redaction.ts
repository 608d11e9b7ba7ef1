import type { IncomingHttpHeaders } from "node:http";
import { createEventRedaction } from "@openclaw/providers";
import { createExactRedaction, type RedactionStream, type Redactor, type Secret } from "@openclaw/secrets";
import { codingsOf } from "./unpack-body.ts";

/** What the body of an answer goes through on its way to the client. */
export interface AnswerRedaction extends RedactionStream {
  /** Whether what comes out is always as long as what went in, so that a `content-length` stays true. */
  readonly keepsLength: boolean;
}

export interface AnswerRedactionOptions {
  /** Whether it is an error, whatever its status. */
  readonly isError: boolean;
  readonly headers: IncomingHttpHeaders;
  readonly redactor: Redactor;
  /** The secret that was sent with the request. */
  readonly sent: Secret | undefined;
  /** Told the data of each error event of a stream, without known values. */
  readonly onError?: (data: string) => void;
}

/**
 * Decides what is looked for in a body: in an error every known value in all its forms; in a successful answer
 * the one key that was sent, byte for byte, and in the error events of a stream as in an error. Nothing where
 * there is nothing to look for.
 *
 * A successful body that is compressed passes as it is: the provider was asked not to compress, and unpacking
 * every answer would cost all of them.
 */
export function redactionFor(options: AnswerRedactionOptions): AnswerRedaction | undefined {
  const { isError, headers, redactor, sent, onError } = options;
  if (isError) return { ...redactor.stream(), keepsLength: false };
  if (codingsOf(headers).length > 0) return undefined;
  const exact = sent && createExactRedaction(sent);
  if (!isEventStream(headers)) return exact && { ...exact, keepsLength: true };
  const events = createEventRedaction(redactor, onError);
  if (!exact) return { ...events, keepsLength: false };
  return {
    keepsLength: false,
    push: (chunk) => exact.push(events.push(chunk)),
    end: () => {
      const rest = exact.push(events.end());
      const last = exact.end();
      return last.length === 0 ? rest : Buffer.concat([rest, last]);
    },
  };
}

/** Whether a body is an event stream that can be read as it is. */
export function isEventStream(headers: IncomingHttpHeaders): boolean {
  // A header sent twice is a list at run time.
  const type = String(headers["content-type"] ?? "").trimStart();
  return type.toLowerCase().startsWith("text/event-stream") && codingsOf(headers).length === 0;
}
