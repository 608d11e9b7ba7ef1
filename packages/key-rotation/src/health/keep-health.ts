import type { Clock } from "@openclaw/secrets";
import type { Health } from "./health.ts";
import { createKeptPlace, type HealthPlace } from "./kept-place.ts";

export interface KeepHealthOptions {
  readonly health: Pick<Health, "records" | "adopt" | "onChange">;
  readonly stores: readonly HealthPlace[];
  readonly clock: Clock;
  /** Told of a store that cannot be read or written, once, and again when it failed otherwise or worked in between. */
  readonly onError: (error: unknown) => void;
  /** Told once that a store is read and written again, after `onError` was told that it is not. */
  readonly onKept?: () => void;
  /** Ends it, with a last write, which is not waited for: `flush` before it. */
  readonly signal: AbortSignal;
}

export interface FlushOptions {
  /** It is waited for so long: 2 s unless given. */
  readonly timeoutMs?: number;
  /** The process ends: when each credential was used last is written too. */
  readonly isLast?: boolean;
}

/** Health that outlives the process. */
export interface HealthKeeper {
  /**
   * Takes over what others wrote; one look at each file that did not change. Whether there was something since the last time,
   * also where a write was faster. Never throws.
   */
  sync(): Promise<boolean>;
  /** Writes now what would be written before long, and takes over what others wrote. Whether everything is kept. Never throws. */
  flush(options?: FlushOptions): Promise<boolean>;
}

const FLUSH_MS = 2000;

/**
 * Keeps health in its stores, and begins with what is there: once this resolves, `health` knows what was known when the last
 * process ended. A store that cannot be read delays nobody.
 *
 * Writing is never on anybody's way. Windows are collected for a fifth of a second, and who answered last is written every 30
 * seconds at most. When a credential was used is written as the process ends, and not before: whoever reads it meanwhile has
 * the order that this one began with. Every write brings together what both sides changed (`mergeRecords`). What cannot be
 * written is kept in memory, and tried again after 2 seconds, 4, and so on up to a minute. Nothing keeps the process alive.
 *
 * @example
 * const keeper = await keepHealth({ health, stores: [{ store, at: createFileHealthStore({ path, locks }) }], clock, onError, signal });
 * process.once("SIGTERM", () => void keeper.flush({ isLast: true }).then(() => process.exit()));
 */
export async function keepHealth({ stores, ...options }: KeepHealthOptions): Promise<HealthKeeper> {
  const { health, clock, signal } = options;
  const places = stores.map((place) => ({ store: place.store, kept: createKeptPlace({ ...options, place }) }));

  async function sync(): Promise<boolean> {
    const found = await Promise.all(places.map(({ kept }) => kept.sync()));
    return found.includes(true);
  }

  await Promise.all(places.map(({ kept }) => kept.start()));
  if (!signal.aborted) {
    const stop = health.onChange((changed) => {
      for (const { store, kept } of places) if (store === changed) kept.note();
    });
    signal.addEventListener("abort", stop, { once: true });
  }
  return {
    sync,
    async flush({ timeoutMs = FLUSH_MS, isLast = false } = {}) {
      const late = new AbortController();
      const done = new AbortController();
      const tooLate = clock.sleep(timeoutMs, done.signal, { isBackground: true }).then(
        () => {
          late.abort();
          return false;
        },
        () => false,
      );
      const all = Promise.all(places.map(({ kept }) => kept.flush({ waiting: { signal: late.signal, timeoutMs }, isLast })));
      const isKept = await Promise.race([all.then((kept) => !kept.includes(false)), tooLate]);
      done.abort();
      return isKept;
    },
  };
}
