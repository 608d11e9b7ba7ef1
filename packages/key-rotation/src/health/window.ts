import type { Failure } from "../failure.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long windows are, in milliseconds. */
export interface CooldownPolicy {
  /** Length of the first, second, third and every later rate-limit window without a provider's hint. */
  readonly rateLimitMs: readonly number[];
  /** A provider's hint is kept within these bounds. */
  readonly hintMinMs: number;
  readonly hintMaxMs: number;
  /** First window after a billing or permanent auth failure; each further one is twice as long. */
  readonly billingMs: number;
  readonly billingMaxMs: number;
  /** After so long without a failure the count starts again. */
  readonly forgetMs: number;
}

export const defaultCooldownPolicy: CooldownPolicy = {
  rateLimitMs: [30 * SECOND, MINUTE, 5 * MINUTE],
  hintMinMs: SECOND,
  hintMaxMs: HOUR,
  billingMs: 10 * MINUTE,
  billingMaxMs: 24 * HOUR,
  forgetMs: 24 * HOUR,
};

/** A time in which a credential is left alone. After `until` it is half-open: one request probes. */
export interface CooldownWindow {
  readonly until: number;
  readonly reason: "rate_limit" | "billing" | "auth_permanent";
  /** Windows in a row without a success between them. */
  readonly count: number;
  /** Order of the attempt that opened it, and when it failed. */
  readonly openedBy: number;
  readonly failedAt: number;
}

/** Which window a failure opens, if any. A timeout, a 500 or a 400 says nothing of the credential. */
export function windowReason(failure: Failure): CooldownWindow["reason"] | undefined {
  if (failure.window !== undefined) return failure.window;
  return failure.class === "rate_limit" || failure.class === "billing" || failure.class === "auth_permanent" ? failure.class : undefined;
}

/** End of the `count`-th window in a row, epoch milliseconds. */
export function windowEnd(
  reason: CooldownWindow["reason"],
  count: number,
  retryAt: number | undefined,
  now: number,
  policy: CooldownPolicy,
): number {
  if (reason !== "rate_limit") return now + Math.min(policy.billingMs * 2 ** (count - 1), policy.billingMaxMs);
  if (retryAt !== undefined) return now + Math.min(Math.max(retryAt - now, policy.hintMinMs), policy.hintMaxMs);
  return now + (policy.rateLimitMs[Math.min(count, policy.rateLimitMs.length) - 1] ?? policy.hintMinMs);
}
