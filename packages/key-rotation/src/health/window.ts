import type { Failure } from "../failure.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long windows are, in milliseconds, and what they may cover. */
export interface CooldownPolicy {
  /** Length of the first, second, third and every later rate-limit window without a provider's hint. */
  readonly rateLimitMs: readonly number[];
  /** A provider's hint is kept within these bounds. */
  readonly hintMinMs: number;
  readonly hintMaxMs: number;
  /** First window after a billing or permanent auth failure; each further one is twice as long. */
  readonly billingMs: number;
  readonly billingMaxMs: number;
  /** The first window by provider, where it is another than `billingMs`. */
  readonly billingMsByProvider: Readonly<Record<string, number>>;
  /** How long one request may probe a half-open credential before another may as well: it may hang. */
  readonly probeMs: number;
  /** So long after a window's end without another failure, it and its count are forgotten. */
  readonly forgetMs: number;
  /** A credential of whose limit no more than this part is left is passed over while there is another. */
  readonly lowHeadroom: number;
  /** Providers that pass requests on to many others: one model cools down, the whole credential never does. */
  readonly neverWhole: readonly string[];
}

/** What holds unless a policy says otherwise. */
export const defaultCooldownPolicy: CooldownPolicy = {
  rateLimitMs: [30 * SECOND, MINUTE, 5 * MINUTE],
  hintMinMs: SECOND,
  hintMaxMs: HOUR,
  billingMs: 10 * MINUTE,
  billingMaxMs: 24 * HOUR,
  billingMsByProvider: {},
  probeMs: 30 * SECOND,
  forgetMs: 24 * HOUR,
  lowHeadroom: 0.02,
  neverWhole: ["openrouter", "kilocode"],
};

/** Why a credential is left alone. */
export type CooldownReason = "rate_limit" | "billing" | "auth_permanent";

/** A time in which a credential is left alone. After `until` it is half-open: one request probes. */
export interface CooldownWindow {
  readonly until: number;
  readonly reason: CooldownReason;
  /** Windows in a row for this reason, without a success between them. */
  readonly count: number;
  /** Latest attempt that failed into it. A success of an earlier one does not clear it. */
  readonly failedAttempt: number;
  /** Latest attempt under way when it opened. Failures up to this one belong to it; a later one is its probe. */
  readonly lastInFlight: number;
}

/** A failure that opens a window, with its place in the order of attempts. */
interface CoolingFailure {
  readonly provider: string;
  readonly reason: CooldownReason;
  readonly retryAt: number | undefined;
  readonly attempt: number;
  /** The latest attempt that had begun when this failure was seen. */
  readonly latestAttempt: number;
}

/** Which window a failure opens, if any. A timeout, a 500 or a 400 says nothing of the credential. */
export function windowReason(failure: Failure): CooldownReason | undefined {
  if (failure.window !== undefined) return failure.window;
  return failure.class === "rate_limit" || failure.class === "billing" || failure.class === "auth_permanent" ? failure.class : undefined;
}

/**
 * The window after a failure. One that was under way when the window `before` opened joins it: the later
 * of the two ends holds. The failure of a probe opens the next longer window.
 */
export function nextWindow(
  before: CooldownWindow | undefined,
  failure: CoolingFailure,
  now: number,
  policy: CooldownPolicy,
): CooldownWindow {
  const { reason, attempt, latestAttempt } = failure;
  const wasInFlight = before !== undefined && attempt <= before.lastInFlight;
  const countBefore = before?.reason === reason ? before.count : 0;
  const count = Math.max(1, wasInFlight ? countBefore : countBefore + 1);
  const until = windowEnd({ ...failure, count }, now, policy);
  if (!wasInFlight) return { until, reason, count, failedAttempt: attempt, lastInFlight: latestAttempt };
  const joined = { ...before, failedAttempt: Math.max(before.failedAttempt, attempt) };
  return until > before.until ? { ...joined, until, reason, count } : joined;
}

/** The longest window there is for a reason. One that seems to last longer was set by a clock that was wrong. */
export function longestWindow(reason: CooldownReason, policy: CooldownPolicy): number {
  if (reason !== "rate_limit") return policy.billingMaxMs;
  return Math.max(policy.hintMaxMs, ...policy.rateLimitMs);
}

/** End of the `count`-th window in a row, epoch milliseconds. */
function windowEnd(failure: CoolingFailure & { readonly count: number }, now: number, policy: CooldownPolicy): number {
  const { reason, count, retryAt, provider } = failure;
  if (reason !== "rate_limit") {
    const firstMs = Object.hasOwn(policy.billingMsByProvider, provider) ? policy.billingMsByProvider[provider] : undefined;
    return now + Math.min((firstMs ?? policy.billingMs) * 2 ** (count - 1), policy.billingMaxMs);
  }
  if (retryAt !== undefined) return now + Math.min(Math.max(retryAt - now, policy.hintMinMs), policy.hintMaxMs);
  return now + (policy.rateLimitMs[Math.min(count, policy.rateLimitMs.length) - 1] ?? policy.hintMinMs);
}
