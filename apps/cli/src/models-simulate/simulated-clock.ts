import type { Clock } from "@openclaw/secrets";

/** Time that moves when it is told to, and by what is slept. */
export interface SimulatedClock extends Clock {
  /** Moves on to a moment; never back. */
  moveTo(at: number): void;
}

/** A clock that begins at a moment. Nobody waits. */
export function simulatedClock(startAt: number): SimulatedClock {
  let now = startAt;
  return {
    now: () => now,
    async sleep(durationMs, signal) {
      signal?.throwIfAborted();
      now += Math.max(0, durationMs);
    },
    moveTo(at) {
      now = Math.max(now, at);
    },
  };
}
