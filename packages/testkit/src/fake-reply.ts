import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** How the fake provider answers one request. */
export interface Reply {
  /** 200 unless given. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Sent as `text/event-stream`, one write per chunk. Takes the place of `body`. */
  readonly stream?: readonly string[];
  /** Pause before each chunk of `stream` but the first. */
  readonly chunkDelayMs?: number;
  /** Pause before the headers. Where a test can say what it waits for, prefer `after`. */
  readonly delayMs?: number;
  /** Nothing is sent before this promise settles: order without sleeping. */
  readonly after?: Promise<unknown>;
  /** No answer at all: the connection stays open, or is cut. */
  readonly beforeHeaders?: "hang" | "destroy";
  /** Headers, and the body or chunks if any, are sent; the answer then never ends, or its connection is cut. */
  readonly afterHeaders?: "hang" | "destroy";
  /** Only on the last of a list: answers every further request as well. */
  readonly repeat?: boolean;
}

/** Writes a reply. Resolves when it has nothing more to do, which for `hang` is before the answer ended. */
export async function sendReply(response: ServerResponse, reply: Reply, signal: AbortSignal): Promise<void> {
  if (reply.after) await settledOrAborted(reply.after, signal);
  if (reply.delayMs !== undefined) await sleep(reply.delayMs, undefined, { signal });
  if (reply.beforeHeaders === "destroy") response.destroy();
  if (reply.beforeHeaders !== undefined) return;

  const body = bodyOf(reply);
  response.statusCode = reply.status ?? 200;
  if (body) response.setHeader("content-type", body.type);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  if (!reply.stream && reply.afterHeaders === undefined) {
    response.end(body?.chunks[0]);
    return;
  }
  response.flushHeaders();
  for (const [index, chunk] of (body?.chunks ?? []).entries()) {
    if (index > 0 && reply.chunkDelayMs !== undefined) await sleep(reply.chunkDelayMs, undefined, { signal });
    await write(response, chunk);
  }
  if (reply.afterHeaders === undefined) response.end();
  if (reply.afterHeaders === "destroy") response.destroy();
}

function bodyOf(reply: Reply): { readonly type: string; readonly chunks: readonly string[] } | undefined {
  if (reply.stream) return { type: "text/event-stream", chunks: reply.stream };
  if (reply.body === undefined) return undefined;
  if (typeof reply.body === "string") return { type: "text/plain; charset=utf-8", chunks: [reply.body] };
  return { type: "application/json", chunks: [JSON.stringify(reply.body)] };
}

/** Resolves when the chunk was handed to the system, so that it arrives even if the connection is cut next. */
function write(response: ServerResponse, chunk: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  response.write(chunk, (error) => (error ? reject(error) : resolve()));
  return promise;
}

async function settledOrAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
