import type { Headroom } from "@openclaw/key-rotation";
import type { HeaderReader } from "./header-reader.ts";
import { limitHeaders } from "./limit-headers.ts";
import { isToCome, readMoment, readNumber } from "./moment.ts";
import { readRateLimitField, type RateLimitEntry } from "./rate-limit-field.ts";
import { readUsedShares, type UsedShare } from "./used-shares.ts";

/**
 * What is left of the limits that an answer speaks of, each once. Where a provider says how many remain and not
 * of how many, only nothing is known to be nothing. A limit that was full again before now is left out.
 *
 * @example
 * readHeadroom((name) => response.headers.get(name) ?? undefined, clock.now());
 * // [{ window: "requests", left: 0.25, remaining: 25, resetAt: … }]
 */
export function readHeadroom(header: HeaderReader, now: number): readonly Headroom[] {
  const found: Headroom[] = [];
  const keep = (headroom: Headroom | undefined) => {
    if (headroom && !found.some(({ window }) => window === headroom.window)) found.push(headroom);
  };
  for (const { window, limit, remaining, reset } of limitHeaders) {
    const left = header(remaining);
    if (left === undefined) continue;
    const count = readNumber(left);
    if (count === undefined) continue;
    keep(counted({ window, limit: readFirstNumber(header(limit)), remaining: count, resetAt: readMoment(header(reset), now) }, now));
  }
  for (const share of readUsedShares(header, now)) keep(shared(share, now));
  for (const entry of readRateLimitField(header, now)) keep(counted(entry, now));
  return found;
}

/** A limit of zero is no limit: nobody would be answered. */
function counted({ window, limit, remaining, resetAt }: RateLimitEntry, now: number): Headroom | undefined {
  const left = limit === undefined || limit === 0 ? undefined : remaining / limit;
  if (left === undefined && (remaining > 0 || limit === 0)) return undefined;
  return headroom({ window, left: left ?? 0, remaining }, resetAt, now);
}

function shared({ window, used, resetAt }: UsedShare, now: number): Headroom | undefined {
  return headroom({ window, left: 1 - used }, resetAt, now);
}

function headroom({ left, ...rest }: Headroom, resetAt: number | undefined, now: number): Headroom | undefined {
  if (resetAt !== undefined && resetAt < now) return undefined;
  return { ...rest, left: Math.min(1, Math.max(0, left)), ...(isToCome(resetAt, now) && { resetAt }) };
}

/** `ratelimit-limit` may name its policies after the number: `100, 100;w=60`. */
function readFirstNumber(text: string | undefined): number | undefined {
  return readNumber(text) ?? readNumber(text?.split(/[,;]/, 1)[0]);
}
