import type { Candidate } from "@openclaw/secrets";
import type { Failure, FailureClass } from "./failure.ts";

/** One failed attempt of a request. */
export interface FailedAttempt {
  readonly candidate: Candidate;
  readonly failure: Failure;
}

/**
 * Decides what follows a failure: the `next` credential, the `same` one once more after a forced
 * refresh, or `stop` with the answer at hand. `history` holds the failed attempts of this request,
 * the present one last. `same` is granted once per credential; after that it means `next`. Where it led to no other secret,
 * the refusal stands in `history` once more.
 */
export type Advance = (
  failure: Failure,
  from: Candidate,
  to: Candidate | undefined,
  history: readonly FailedAttempt[],
) => "next" | "same" | "stop";

/** How far one request may go through the stored profiles. */
export interface ProfileRotationLimits {
  /** How many profiles a rate limit may move past. Unlimited unless set. */
  readonly rateLimitedProfileRotations?: number;
  /** How many profiles an overload may move past. Unlimited unless set. */
  readonly overloadedProfileRotations?: number;
}

/** Failures that say "another account may fare better", not "this request is wrong". */
const accountFailures: ReadonlySet<FailureClass> = new Set<FailureClass>(["rate_limit", "auth", "auth_permanent", "billing", "overloaded"]);

/** Rate limits move on from any credential. Everything else returns at once. */
export const onRateLimit: Advance = (failure) => (failure.class === "rate_limit" ? "next" : "stop");

/**
 * OpenClaw's two rules for one stream of credentials. *Key rotation*: a rate limit moves on from any
 * credential. *Profile failover*: auth, billing and overload move on, but only from a stored profile.
 */
export function profileFailover(limits: ProfileRotationLimits = {}): Advance {
  const limitOf: Partial<Record<FailureClass, number | undefined>> = {
    rate_limit: limits.rateLimitedProfileRotations,
    overloaded: limits.overloadedProfileRotations,
  };
  return (failure, from, to, history) => {
    if (from.via === "key") return onRateLimit(failure, from, to, history);
    if (!accountFailures.has(failure.class)) return "stop";
    const limit = limitOf[failure.class] ?? Infinity;
    const failed = history.filter((attempt) => attempt.candidate.via === "profile" && attempt.failure.class === failure.class);
    return failed.length <= limit ? "next" : "stop";
  };
}
