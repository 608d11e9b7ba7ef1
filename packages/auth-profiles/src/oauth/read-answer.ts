import type { Clock } from "@openclaw/secrets";
import { isNeverSent, nameOfFailure } from "./send-failure.ts";

/** How a request to a provider ended, before anybody judges it. Its `body` may hold tokens. */
export type Answer =
  /** The connection was never made, so the provider knows nothing of it. */
  | { readonly kind: "unsent"; readonly failure: string }
  /** It may have arrived, and no status came back. */
  | { readonly kind: "lost"; readonly failure: string }
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly contentType: string;
      readonly retryAfter: string | undefined;
      /** All of it, or why it cannot be had. */
      readonly body: { readonly text: string } | { readonly failure: string; readonly isCut: boolean };
    };

export interface AskOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** The largest answer that is read, after decompression. */
const LARGEST_ANSWER_BYTES = 1024 * 1024;
/** How long a request may take, from its start to the last byte of its answer. */
const ANSWER_WITHIN_MS = 30_000;
/** By how much that time is missed only by a process that was stopped. */
const OVERSLEPT_MS = 50;
/** For it to read what came meanwhile: the time is over, and the answer may be there. */
const LAST_MOMENT_MS = 1_000;

/**
 * Sends a request and reads its answer: within 30 s, and no more of it than 1 MiB. How it fails is a value, because what may be done next depends on it.
 *
 * @throws The signal's reason, as it came. Whether the request arrived is then as unknown as for `lost`.
 */
export async function readAnswer(send: (signal: AbortSignal) => Promise<Response>, { clock, signal }: AskOptions): Promise<Answer> {
  signal?.throwIfAborted();
  const over = new AbortController();
  const ended = Promise.withResolvers<never>();
  // Nobody may be left to see it.
  ended.promise.catch(() => undefined);
  const onAbort = () => ended.reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const late = Symbol("late");
  const dueAt = clock.now() + ANSWER_WITHIN_MS;
  const untilLate = async () => {
    await clock.sleep(ANSWER_WITHIN_MS, over.signal);
    if (clock.now() - dueAt > OVERSLEPT_MS) await clock.sleep(LAST_MOMENT_MS, over.signal);
  };
  untilLate().then(
    () => ended.reject(late),
    () => undefined,
  );
  const within = <T>(work: Promise<T>): Promise<T> => Promise.race([work, ended.promise]);
  const lateFailure = `no complete answer within ${ANSWER_WITHIN_MS / 1000} s`;

  try {
    let response: Response;
    try {
      response = await within(send(over.signal));
    } catch (error) {
      signal?.throwIfAborted();
      if (error === late) return { kind: "lost", failure: lateFailure };
      return { kind: isNeverSent(error) ? "unsent" : "lost", failure: nameOfFailure(error) };
    }
    const head = {
      kind: "answered",
      status: response.status,
      contentType: response.headers.get("content-type") ?? "",
      retryAfter: response.headers.get("retry-after") ?? undefined,
    } as const;
    try {
      return { ...head, body: await readText(response, within) };
    } catch (error) {
      signal?.throwIfAborted();
      return { ...head, body: { failure: error === late ? lateFailure : `the answer was cut (${nameOfFailure(error)})`, isCut: true } };
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // Also ends the request, and what is left of its answer.
    over.abort();
  }
}

async function readText(
  response: Response,
  within: <T>(work: Promise<T>) => Promise<T>,
): Promise<{ readonly text: string } | { readonly failure: string; readonly isCut: boolean }> {
  if (!response.body) return { text: "" };
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const { done, value } = await within(reader.read());
    if (done) break;
    total += value.byteLength;
    // Counted while reading: neither `content-length` nor the compressed size tells.
    if (total > LARGEST_ANSWER_BYTES) {
      reader.cancel().catch(() => undefined);
      return { failure: "the answer is larger than 1 MiB", isCut: false };
    }
    chunks.push(value);
  }
  return { text: Buffer.concat(chunks).toString("utf8") };
}
