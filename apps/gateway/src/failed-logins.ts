import type { Clock } from "@openclaw/secrets";

/** Counts wrong tokens by where they come from. */
export interface FailedLogins {
  /** Notes a wrong token. @returns how long its source has to wait, in milliseconds; 0 where it may go on. */
  note(source: string): number;
  /** How long a source has to wait now. */
  waitOf(source: string): number;
  /** How many sources are remembered. */
  readonly size: number;
}

export interface FailedLoginsOptions {
  readonly clock: Pick<Clock, "now">;
  /** How many a source may send at once. */
  readonly burst: number;
  /** Called when a source has used them up; again only once it was quiet until all of them were back. */
  readonly onLimited: (source: string) => void;
}

/** One more wrong token is let through after this. */
const REFILL_MS = 3_000;
/** Beyond this the source that was heard of longest ago is forgotten. */
const MOST_SOURCES = 4_096;

interface Bucket {
  left: number;
  at: number;
  isTold: boolean;
}

/** A bucket of tries per source: full at first, one less for each wrong token, one more every three seconds. */
export function createFailedLogins({ clock, burst, onLimited }: FailedLoginsOptions): FailedLogins {
  const buckets = new Map<string, Bucket>();

  function filled({ left, at }: Bucket): number {
    // A clock that was set back fills nothing and empties nothing.
    return Math.min(burst, left + Math.max(0, clock.now() - at) / REFILL_MS);
  }

  return {
    note(source) {
      const known = buckets.get(source);
      const left = known ? filled(known) : burst;
      const isTold = known !== undefined && known.isTold && left < burst;
      const isLimited = left < 1;
      // Last again: the first one of the map is who was heard of longest ago.
      buckets.delete(source);
      buckets.set(source, { left: isLimited ? left : left - 1, at: clock.now(), isTold: isTold || isLimited });
      const [oldest] = buckets.keys();
      if (buckets.size > MOST_SOURCES && oldest !== undefined) buckets.delete(oldest);
      if (isLimited && !isTold) onLimited(source);
      return isLimited ? (1 - left) * REFILL_MS : 0;
    },
    waitOf(source) {
      const known = buckets.get(source);
      return known ? Math.max(0, 1 - filled(known)) * REFILL_MS : 0;
    },
    get size() {
      return buckets.size;
    },
  };
}
