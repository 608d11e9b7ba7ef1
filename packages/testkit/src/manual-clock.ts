/** Time that stands still until a test moves it. Fits wherever a `Clock` of `@openclaw/secrets` is taken. */
export interface ManualClock {
  now(): number;
  /** Resolves once the clock was advanced past `durationMs`; rejects with the signal's reason when it is aborted first. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Moves time on and wakes whoever is due, earliest deadline first. Sleepers then continue in microtasks. */
  advance(durationMs: number): void;
  /** Resolves once at least `count` (1 unless given) sleepers wait: the code under test has reached its pause. */
  waitForSleepers(count?: number): Promise<void>;
  /** Deadlines of those asleep, epoch milliseconds, earliest first. */
  sleeping(): readonly number[];
}

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** 2026-01-01T00:00:00.000Z, where a manual clock stands unless told. */
export const MANUAL_CLOCK_START: number = Date.UTC(2026, 0, 1);

/**
 * A clock for tests: no real time passes.
 *
 * @example
 * const clock = manualClock();
 * const waited = clock.sleep(30_000);
 * clock.advance(30_000);
 * await waited;
 */
export function manualClock(startAt: number = MANUAL_CLOCK_START): ManualClock {
  let now = startAt;
  let sleepers: readonly Sleeper[] = [];
  let watchers: readonly { readonly count: number; readonly resolve: () => void }[] = [];

  function add(sleeper: Sleeper): void {
    sleepers = [...sleepers, sleeper].toSorted((left, right) => left.wakeAt - right.wakeAt);
    const satisfied = watchers.filter((watcher) => watcher.count <= sleepers.length);
    watchers = watchers.filter((watcher) => !satisfied.includes(watcher));
    for (const watcher of satisfied) watcher.resolve();
  }

  return {
    now: () => now,
    sleep(durationMs, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (durationMs <= 0) return Promise.resolve();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const onAbort = () => {
        sleepers = sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        wakeAt: now + durationMs,
        wake: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      add(sleeper);
      return promise;
    },
    advance(durationMs) {
      now += durationMs;
      const due = sleepers.filter((sleeper) => sleeper.wakeAt <= now);
      sleepers = sleepers.filter((sleeper) => sleeper.wakeAt > now);
      for (const sleeper of due) sleeper.wake();
    },
    waitForSleepers(count = 1) {
      if (sleepers.length >= count) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      watchers = [...watchers, { count, resolve }];
      return promise;
    },
    sleeping: () => sleepers.map((sleeper) => sleeper.wakeAt),
  };
}
