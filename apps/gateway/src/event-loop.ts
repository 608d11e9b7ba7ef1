import { monitorEventLoopDelay, performance } from "node:perf_hooks";

/** How late the event loop was, beyond what was due, in the last half to whole minute. */
interface EventLoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Watches the event loop until it is closed. */
export interface EventLoop {
  delay(): EventLoopDelay;
  /** How long it has been busy since the process began. */
  activeSeconds(): number;
  close(): void;
}

const RESOLUTION_MS = 20;
const WINDOW_MS = 30_000;

/**
 * Measures how late timers are. Whoever reads it, and how often, changes nothing in what others read. Keeps no process
 * running.
 */
export function watchEventLoop(): EventLoop {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  let before: EventLoopDelay = { p50Ms: 0, p99Ms: 0, maxMs: 0 };

  function read(): EventLoopDelay {
    const [p50Ms, p99Ms, maxMs] = [histogram.percentile(50), histogram.percentile(99), histogram.max].map(lateness);
    return { p50Ms: p50Ms ?? 0, p99Ms: p99Ms ?? 0, maxMs: maxMs ?? 0 };
  }

  const turn = setInterval(() => {
    before = read();
    histogram.reset();
  }, WINDOW_MS);
  turn.unref();
  return {
    delay() {
      const now = read();
      return {
        p50Ms: Math.max(before.p50Ms, now.p50Ms),
        p99Ms: Math.max(before.p99Ms, now.p99Ms),
        maxMs: Math.max(before.maxMs, now.maxMs),
      };
    },
    activeSeconds: () => performance.eventLoopUtilization().active / 1000,
    close() {
      clearInterval(turn);
      histogram.disable();
    },
  };
}

/** Node counts the time between two of its looks, which is the resolution where nothing is late. */
function lateness(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
}
