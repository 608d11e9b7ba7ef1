import { abortable } from "./abortable.ts";
import type { Clock } from "./clock.ts";
import { SecretsError } from "./errors.ts";

/** How long to wait, and for what. */
export interface WithinTimeOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** What the error says took too long, such as `reading /a`. */
  readonly what: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Waits for `work` until the time is over. `work` itself goes on: nothing can end a file system that hangs.
 *
 * @throws {SecretsError} `timed-out`; the signal's reason, as it came.
 */
export async function withinTime<T>(work: Promise<T>, options: WithinTimeOptions): Promise<T> {
  const over = new AbortController();
  const late = options.clock.sleep(options.timeoutMs, over.signal).then(() => {
    throw new SecretsError("timed-out", `${options.what} took longer than ${options.timeoutMs} ms`, {
      hint: "check the file system it is on",
    });
  });
  try {
    return await abortable(Promise.race([work, late]), options.signal);
  } finally {
    over.abort();
  }
}
