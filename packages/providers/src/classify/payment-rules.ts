import { saysRateLimit } from "./signals.ts";
import type { Verdict } from "./verdict.ts";
import { all, any, matches, says, type TextTest } from "./words.ts";

const plan = says("upgrade your plan", "upgrade plan", "current plan", "subscription");

/** A 402 is about money, except where a plan's allowance comes back by itself. The first rule that holds decides. */
const paymentRules: readonly { readonly when: TextTest; readonly isUnpaid: boolean }[] = [
  { when: all(says("subscription quota limit"), says("automatic quota refresh", "rolling time window")), isUnpaid: false },
  {
    when: any(
      says("insufficient credits", "insufficient quota", "insufficient_quota", "balance"),
      says("plans & billing", "add more credits", "top up", "hard limit"),
      all(plan, says("limit")),
    ),
    isUnpaid: true,
  },
  { when: saysRateLimit, isUnpaid: false },
  {
    when: all(says("try again", "retry", "temporary", "cooldown"), says("usage limit", "rate limit", "organization usage")),
    isUnpaid: false,
  },
  {
    when: all(
      matches(/\b(?:daily|weekly|monthly)\b/),
      any(says("usage limit", "spend limit", "spending limit"), all(says("limit"), says("reset"))),
    ),
    isUnpaid: false,
  },
  {
    when: all(says("organization", "workspace"), says("limit"), says("spend limit", "billing period", "exceeded", "reached", "exhausted")),
    isUnpaid: false,
  },
];

/** What a 402 says. Where it is a limit, it is the account's. */
export function judgePayment(text: string): Verdict {
  const isUnpaid = paymentRules.find((rule) => rule.when(text))?.isUnpaid ?? true;
  return isUnpaid ? { class: "billing", rule: "status-402" } : { class: "rate_limit", rule: "status-402-limit", scope: "credential" };
}
