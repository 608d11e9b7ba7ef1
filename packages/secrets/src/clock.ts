import { setTimeout as sleep } from "node:timers/promises";

/** Time, as an argument. Times are epoch milliseconds. */
export interface Clock {
  now(): number;
  /** Resolves after `durationMs`; rejects with the signal's reason when it is aborted first. */
  sleep(durationMs: number, signal?: AbortSignal, options?: SleepOptions): Promise<void>;
}

/** How a sleep counts. */
export interface SleepOptions {
  /** The process may end while it lasts. */
  readonly isBackground?: boolean;
}

/** Longest delay a Node timer keeps: 2^31 - 1 ms. A longer one fires after 1 ms. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The machine's clock. It sleeps for as long as it is told, also beyond what one timer can hold. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(durationMs, signal, { isBackground = false } = {}) {
    signal?.throwIfAborted();
    try {
      for (let left = durationMs; left > 0; left -= LONGEST_TIMER_MS) {
        await sleep(Math.min(left, LONGEST_TIMER_MS), undefined, { ref: !isBackground, ...(signal ? { signal } : {}) });
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
