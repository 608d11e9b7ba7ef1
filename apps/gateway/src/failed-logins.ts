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
  /** Tries that are left, in the time each of them takes to come back. */
  leftMs: number;
  at: number;
  isTold: boolean;
}

/** A bucket of tries per source: full at first, one less for each wrong token, one more every three seconds. */
export function createFailedLogins({ clock, burst, onLimited }: FailedLoginsOptions): FailedLogins {
  const buckets = new Map<string, Bucket>();

  const fullMs = burst * REFILL_MS;

  function filled(bucket: Bucket): number {
    const now = clock.now();
    // A clock that was set back fills nothing and empties nothing, and goes on from there.
    bucket.at = Math.min(bucket.at, now);
    return Math.min(fullMs, bucket.leftMs + now - bucket.at);
  }

  return {
    note(source) {
      const known = buckets.get(source);
      const leftMs = known ? filled(known) : fullMs;
      const isTold = known !== undefined && known.isTold && leftMs < fullMs;
      const isLimited = leftMs < REFILL_MS;
      // Last again: the first one of the map is who was heard of longest ago.
      buckets.delete(source);
      buckets.set(source, { leftMs: isLimited ? leftMs : leftMs - REFILL_MS, at: clock.now(), isTold: isTold || isLimited });
      const [oldest] = buckets.keys();
      if (buckets.size > MOST_SOURCES && oldest !== undefined) buckets.delete(oldest);
      if (isLimited && !isTold) onLimited(source);
      return isLimited ? REFILL_MS - leftMs : 0;
    },
    waitOf(source) {
      const known = buckets.get(source);
      return known ? Math.max(0, REFILL_MS - filled(known)) : 0;
    },
    get size() {
      return buckets.size;
    },
  };
}
