import { abortable } from "@openclaw/secrets";

/** How a probe is sent: `fetch`, or less. */
export type ProbeFetch = (
  url: URL,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: string;
    readonly redirect: "manual";
    readonly signal: AbortSignal;
  },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}>;

/** An answer as far as it was read. */
export interface Answer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
  /** `whole`, `enough` to judge by, or why no more came: too `large`, or an `error` of the connection or the deadline. */
  readonly ended: "whole" | "enough" | "large" | { readonly error: unknown };
}

/** What an answer says, it says at its beginning. */
const MOST_BYTES = 65_536;

/** What is sent, and for how long. */
export interface Question {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Record<string, string>;
  readonly body?: string | undefined;
  readonly fetch: ProbeFetch;
  /** Ends the request and the reading of its answer. */
  readonly signal: AbortSignal;
  /** Whether a stream need not be read further than this line. */
  readonly isEnough: (line: string) => boolean;
}

/**
 * Sends one request and reads its answer, 64 KiB at most. Once there is a status, nothing that goes wrong loses it.
 *
 * @throws what the connection failed with, or the signal's reason, where no status came.
 */
export async function ask({ url, method, headers, body, fetch, signal, isEnough }: Question): Promise<Answer> {
  const init = { method, headers, redirect: "manual", signal } as const;
  const response = await abortable(fetch(url, body === undefined ? init : { ...init, body }), signal);
  const header = (name: string) => response.headers.get(name) ?? undefined;
  const isStream = header("content-type")?.includes("text/event-stream") === true;
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  const end = (ended: Answer["ended"]): Answer => ({ status: response.status, header, text, ended });

  const reading = response.body?.[Symbol.asyncIterator]();
  if (!reading) return end("whole");
  try {
    for (;;) {
      const { done, value } = await abortable(reading.next(), signal);
      if (done === true) return end("whole");
      const lineStart = text.lastIndexOf("\n") + 1;
      text += decoder.decode(value.subarray(0, MOST_BYTES - bytes), { stream: true });
      bytes += value.length;
      if (isStream && text.slice(lineStart).split("\n").slice(0, -1).some(isEnough)) return end("enough");
      if (bytes >= MOST_BYTES) return end("large");
    }
  } catch (error) {
    return end({ error });
  } finally {
    // Not waited for: a connection that hangs does not end when it is told to.
    reading.return?.().catch(() => undefined);
  }
}
