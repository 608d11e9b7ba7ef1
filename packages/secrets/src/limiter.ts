import { abortable } from "./abortable.ts";

/**
 * Runs what it is given, so many at once and the rest in the order they came. Who waits for a place may
 * give up: what was not started by then never is.
 */
export type Limiter = <T>(run: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** Makes a {@link Limiter} with `places` places. One is free again when its run has settled, however long that takes. */
export function createLimiter(places: number): Limiter {
  let free = places;
  const waiting = new Set<() => void>();

  function leave(): void {
    const [next] = waiting;
    if (!next) {
      free += 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  async function enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (free > 0) {
      free -= 1;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.add(resolve);
    try {
      await abortable(promise, signal);
    } catch (error) {
      // Its turn may have come in the same moment: then the place goes to the next.
      if (!waiting.delete(resolve)) leave();
      throw error;
    }
  }

  return async (run, signal) => {
    await enter(signal);
    try {
      return await run();
    } finally {
      leave();
    }
  };
}
