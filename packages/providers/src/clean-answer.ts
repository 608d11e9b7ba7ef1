import { inspect } from "node:util";
import { createExactRedaction, type RedactionStream, type Redactor, type Secret } from "@openclaw/secrets";
import { createEventRedaction } from "./event-redaction.ts";

/** What kind of body an answer has, which decides what is looked for in it. */
export type BodyKind = "error" | "events" | "other";

export interface RedactionOptions {
  readonly redactor: Redactor;
  readonly sent: Secret | undefined;
  /** Told the data of each error event. */
  readonly onError?: (data: string) => void;
}

/**
 * What a body goes through. From an error every known value is taken in all its forms; from every other body the key that was
 * sent, byte for byte, and from the error events of a stream as from an error. `undefined` where there is nothing to look for.
 */
export function redactionOf(kind: BodyKind, { redactor, sent, onError }: RedactionOptions): RedactionStream | undefined {
  if (kind === "error") return redactor.stream();
  const exact = sent && createExactRedaction(sent);
  if (kind === "other") return exact;
  const events = createEventRedaction(redactor, onError);
  return exact ? inTurn(events, exact) : events;
}

/** The same headers where no value stands in them. One in whose name a value stands is left out. */
export function cleanHeaders(headers: Headers, redactor: Redactor): Headers {
  const entries = [...headers];
  const all = entries.flat().join("\n");
  if (redactor.text(all) === all) return headers;
  const clean = new Headers();
  for (const [name, value] of entries) if (redactor.text(name) === name) clean.append(name, redactor.text(value));
  return clean;
}

/**
 * The same error where no value stands in it, its causes and other members; else one that says as much without them. An HTTP
 * parser's error holds the bytes it read.
 */
export function cleanThrown(error: unknown, redactor: Redactor): unknown {
  const shown = inspect(error, { depth: 8, showHidden: true, maxStringLength: null, maxArrayLength: null });
  if (redactor.text(shown) === shown) return error;
  return cleanCopy(error, redactor);
}

function cleanCopy(error: unknown, redactor: Redactor): Error {
  if (!(error instanceof Error)) return new Error("fetch failed");
  const cause = error.cause instanceof Error ? { cause: cleanCopy(error.cause, redactor) } : {};
  const message = redactor.text(error.message);
  // SDKs know a failed connection by its class.
  const clean = error instanceof TypeError ? new TypeError(message, cause) : new Error(message, cause);
  clean.name = redactor.text(error.name);
  if ("code" in error && typeof error.code === "string") Object.assign(clean, { code: redactor.text(error.code) });
  return clean;
}

function inTurn(first: RedactionStream, second: RedactionStream): RedactionStream {
  return {
    push: (chunk) => second.push(first.push(chunk)),
    end: () => Buffer.concat([second.push(first.end()), second.end()]),
  };
}
