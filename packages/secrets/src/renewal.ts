import type { ActiveSecrets, SurfaceState } from "./active-secrets.ts";
import { systemClock, type Clock } from "./clock.ts";
import { SecretsError } from "./errors.ts";
import { hasSlept } from "./has-slept.ts";
import type { ReloadReport, SecretSnapshot } from "./snapshot.ts";
import { isTransient } from "./start-backoff.ts";

/** What {@link renewSecrets} takes. */
export interface SecretRenewalOptions {
  readonly snapshot: Pick<SecretSnapshot, "current" | "reload">;
  readonly clock?: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly onReport?: (report: ReloadReport) => void;
  /** Told of a reload that threw instead of reporting. It counts as a try that failed. */
  readonly onError: (error: unknown) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

const SHORTEST_LEAD_MS = 300_000;
const LEAD_SHARE = 0.1;
const JITTER = 0.1;
const SHORTEST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 600_000;
/** What is current may be swapped, and the clock set, while it sleeps. */
const LONGEST_SLEEP_MS = 30_000;
/** The last moment a date can name. */
const END_OF_TIME = 8.64e15;

/**
 * Reloads before the first value expires: 5 minutes or a tenth of its lifetime before, whichever is more, though
 * not before half of it is over; a tenth of that earlier or later by chance. A try that fails is repeated after
 * 30 seconds, then twice as long each time up to 10 minutes: while the old value holds, once it has expired, and
 * also where a reference never led to a value for a transient reason. Tries are at least 30 seconds apart. It
 * does not keep the process alive.
 *
 * Resolves when the signal is aborted, or when it finds the snapshot closed.
 *
 * @example
 * void renewSecrets({ snapshot, random, onReport, onError, signal });
 */
export async function renewSecrets(options: SecretRenewalOptions): Promise<void> {
  const { snapshot, clock = systemClock, random, onReport, onError, signal } = options;
  let owed: ReadonlySet<string> = new Set();
  let failures = 0;
  let jitter = jitterOf(random);
  // Whoever starts this has just resolved everything.
  let lastTryAt = clock.now();
  for (;;) {
    lastTryAt = Math.min(lastTryAt, clock.now()); // The clock may have been set back.
    const dueAt = Math.min(...snapshot.current.paths.map((path) => dueAtOf(snapshot.current.stateOf(path), owed.has(path), jitter)));
    const waitMs = Math.max(dueAt, lastTryAt + pauseAfter(failures)) - clock.now();
    if (waitMs > 0) {
      if (!(await hasSlept(clock, Math.min(waitMs, LONGEST_SLEEP_MS), signal))) return;
      continue;
    }
    const due = duePaths(snapshot.current, owed, jitter, clock.now());
    const report = await snapshot.reload().catch((error: unknown) => ({ error }));
    if (signal.aborted) return;
    if ("error" in report) {
      if (report.error instanceof SecretsError && report.error.code === "snapshot-closed") return;
      onError(report.error);
    } else {
      onReport?.(report);
    }
    lastTryAt = clock.now();
    owed = new Set(due.filter((path) => snapshot.current.stateOf(path)?.status === "cold"));
    failures = duePaths(snapshot.current, owed, jitter, lastTryAt).length === 0 ? 0 : failures + 1;
    jitter = jitterOf(random);
  }
}

function jitterOf(random: () => number): number {
  return 1 + JITTER * (2 * random() - 1);
}

function pauseAfter(failures: number): number {
  return Math.min(SHORTEST_PAUSE_MS * 2 ** Math.max(0, failures - 1), LONGEST_PAUSE_MS);
}

function duePaths(current: ActiveSecrets, owed: ReadonlySet<string>, jitter: number, now: number): readonly string[] {
  return current.paths.filter((path) => dueAtOf(current.stateOf(path), owed.has(path), jitter) <= now);
}

/** `isOwed`: it had a value that was due when it was lost. */
function dueAtOf(state: SurfaceState | undefined, isOwed: boolean, jitter: number): number {
  switch (state?.status) {
    case "live":
    case "stale": {
      const { resolvedAt, expiresAt = Infinity } = state;
      if (!(expiresAt <= END_OF_TIME)) return Infinity;
      const lifetimeMs = Math.max(0, expiresAt - resolvedAt);
      return expiresAt - jitter * Math.min(Math.max(SHORTEST_LEAD_MS, LEAD_SHARE * lifetimeMs), lifetimeMs / 2);
    }
    case "cold": {
      const { code } = state.error;
      return isOwed || code === "value-expired" || code === "provider-backing-off" || isTransient(code) ? -Infinity : Infinity;
    }
    default:
      return Infinity;
  }
}
