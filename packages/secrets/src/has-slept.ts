import type { Clock } from "./clock.ts";

/**
 * Sleeps in the background: the process may end meanwhile. Whether it slept to the end: `false` when the signal was
 * aborted first, which is how a loop that works beside all else is told to end.
 *
 * @throws what the clock throws for any other reason.
 *
 * @example
 * while (await hasSlept(clock, 60_000, signal)) await tidyUp();
 */
export async function hasSlept(clock: Clock, durationMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(durationMs, signal, { isBackground: true });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
