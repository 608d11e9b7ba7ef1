/** Waits that are all equally long, and of which nearly all are ended early. */
export interface Deadlines {
  /** Calls back once so much time has passed, unless it is taken away before. */
  add(callback: () => void): void;
  delete(callback: () => void): void;
}

/**
 * One timer for all of them: it runs at most once in `durationMs`, and looks at the oldest. A timer for each would cost more
 * than all the rest of waiting. They keep no process alive.
 */
export function createDeadlines(durationMs: number): Deadlines {
  const dueAt = new Map<() => void, number>();
  let isRunning = false;

  function run(waitMs: number): void {
    isRunning = true;
    setTimeout(callDue, Math.max(1, Math.ceil(waitMs))).unref();
  }

  function callDue(): void {
    isRunning = false;
    const now = performance.now();
    for (const [callback, due] of dueAt) {
      if (due > now) {
        run(due - now);
        return;
      }
      dueAt.delete(callback);
      callback();
    }
  }

  return {
    add(callback) {
      dueAt.set(callback, performance.now() + durationMs);
      if (!isRunning) run(durationMs);
    },
    delete: (callback) => void dueAt.delete(callback),
  };
}
