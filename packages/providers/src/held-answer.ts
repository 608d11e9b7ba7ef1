import type { Clock, Redactor, Secret } from "@openclaw/secrets";
import { watcherFor } from "./answer-watcher.ts";
import type { Outcome } from "./classify/evidence.ts";
import { cleanHeaders, cleanThrown, redactionOf } from "./clean-answer.ts";
import { headerReader } from "./header-reader.ts";
import { peekBody } from "./peeked-body.ts";

/** A provider's answer of which nothing was handed on yet. Holds no known value. It ends with one call: `take` or `discard`. */
export interface HeldAnswer {
  readonly headers: Headers;
  /** What there is to be judged; `undefined` where the answer is no error. */
  readonly outcome: Outcome | undefined;
  /** The answer as it came, but for known values; of the given headers in place of its own, `undefined` removes one. */
  take(changes?: HeaderChanges): Response;
  /** Drops it, so that it holds no connection. */
  discard(): void;
  /** Resolves once it is over: read to its end, broken off, or dropped. With the last error event that came on the way, if one did. */
  readonly ended: Promise<Outcome | undefined>;
}

type HeaderChanges = Readonly<Record<string, string | undefined>>;

/** What {@link holdAnswer} takes. */
export interface HoldOptions {
  /** Knows the secret that was sent, among others. */
  readonly redactor: Redactor;
  readonly sent: Secret | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Whether a JSON body with a good status is an error, for a provider that says so in the middle of it. */
  readonly isHiddenError?: ((body: string) => boolean) | undefined;
}

/** A `Response` takes no others. What a provider makes up beyond them is an error all the same. */
const HIGHEST_STATUS = 599;

/**
 * Looks at an answer as far as it takes to know what it is: at its head; for an error once its body is here; for an event
 * stream at the first event that is content or an error; for JSON at its first bytes, because some providers send an error
 * with status 200.
 *
 * @throws what an answer that is no error broke off with before that; the signal's reason once it is aborted.
 */
export async function holdAnswer(response: Response, { redactor, sent, clock, signal, isHiddenError }: HoldOptions): Promise<HeldAnswer> {
  const { status, url } = response;
  const headers = cleanHeaders(response.headers, redactor);
  const statusText = redactor.text(response.statusText);
  const clean = (error: unknown) => cleanThrown(error, redactor);
  const watcher = watcherFor(status, headers, isHiddenError);
  const body = response.body && (await peekBody(response.body, { isEnough: watcher.isEnough, clock, signal }));
  if (body?.ending?.kind === "cut" && status < 400) throw clean(body.ending.error);

  const { kind, isError, hasStatus, text } = watcher.judge(body?.bytes);
  const header = headerReader(headers);
  const outcome: Outcome = { header, ...(hasStatus && { status }), ...(text !== undefined && { errorText: redactor.text(text) }) };
  const end = Promise.withResolvers<void>();
  let lateError: Outcome | undefined;
  const onError = (errorText: string) => {
    lateError = { header, errorText };
  };

  function copyOf(content: ReadableStream<Uint8Array> | Buffer<ArrayBuffer> | null, isChanged: boolean, changes: HeaderChanges): Response {
    const copy = new Response(content, {
      status: Math.min(status, HIGHEST_STATUS),
      statusText,
      headers: changedHeaders(headers, { ...changes, ...(isChanged && { "content-length": undefined }) }),
    });
    // The constructor leaves it empty, and people look for it in logs.
    Object.defineProperty(copy, "url", { value: url });
    return copy;
  }

  return {
    headers,
    outcome: isError ? outcome : undefined,
    take(changes = {}) {
      const through = redactionOf(kind, { redactor, sent, onError });
      // What covers one key in other bodies is as long as the key.
      if (body && body.ending?.kind !== "whole")
        return copyOf(body.stream({ through, clean, onEnd: end.resolve }), kind !== "other", changes);
      end.resolve();
      if (!body) return copyOf(null, false, changes);
      const bytes = through ? Buffer.concat([through.push(body.bytes), through.end()]) : body.bytes;
      return copyOf(bytes, bytes.length !== body.bytes.length, changes);
    },
    discard() {
      body?.discard();
      end.resolve();
    },
    ended: end.promise.then(() => lateError),
  };
}

function changedHeaders(headers: Headers, changes: HeaderChanges): Headers {
  const changed = new Headers(headers);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) changed.delete(name);
    else changed.set(name, value);
  }
  return changed;
}
