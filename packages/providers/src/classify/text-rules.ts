import {
  saysAuth,
  saysAuthPermanent,
  saysBilling,
  saysClaudeCodeOnly,
  saysContextOverflow,
  saysFormat,
  saysImageSize,
  saysInsufficientQuota,
  saysModelNotFound,
  saysOtherMissing,
  saysOverloaded,
  saysPeriodicLimit,
  saysPeriodicLimitUnpaid,
  saysPlaceRefused,
  saysRateLimit,
  saysServerError,
  saysSessionExpired,
  saysTimeout,
  saysUsageLimit,
} from "./signals.ts";
import type { Verdict } from "./verdict.ts";
import type { TextTest } from "./words.ts";

/** What a text means. The first rule that holds decides, so the special ones stand before the general ones. */
const textRules: readonly (Verdict & { readonly when: TextTest })[] = [
  // A policy of the vendor, not a broken login: a Claude Code login is for Claude Code alone.
  { when: saysClaudeCodeOnly, class: "auth", rule: "claude-code-only" },
  { when: saysPlaceRefused, class: "auth", rule: "text-place-refused", scope: "provider" },
  // Another credential would refuse the same picture.
  { when: saysImageSize, class: "format", rule: "text-image-size" },
  { when: saysSessionExpired, class: "session_expired", rule: "text-session-expired" },
  { when: saysOtherMissing, class: "format", rule: "text-other-missing" },
  { when: saysModelNotFound, class: "model_not_found", rule: "text-model-not-found" },
  { when: saysContextOverflow, class: "context_overflow", rule: "text-context-overflow" },
  { when: saysPeriodicLimitUnpaid, class: "billing", rule: "text-periodic-limit-unpaid" },
  { when: saysPeriodicLimit, class: "rate_limit", rule: "text-periodic-limit", scope: "credential" },
  { when: saysInsufficientQuota, class: "billing", rule: "text-insufficient-quota" },
  { when: saysUsageLimit, class: "rate_limit", rule: "text-usage-limit", scope: "credential" },
  { when: saysRateLimit, class: "rate_limit", rule: "text-rate-limit" },
  { when: saysOverloaded, class: "overloaded", rule: "text-overloaded" },
  { when: saysBilling, class: "billing", rule: "text-billing" },
  { when: saysAuthPermanent, class: "auth_permanent", rule: "text-auth-permanent" },
  { when: saysAuth, class: "auth", rule: "text-auth" },
  { when: saysServerError, class: "server", rule: "text-server-error" },
  { when: saysFormat, class: "format", rule: "text-format" },
  { when: saysTimeout, class: "timeout", rule: "text-timeout" },
];

/** What the words of an error mean, if anything. */
export function judgeText(text: string): Verdict | undefined {
  const found = textRules.find((rule) => rule.when(text));
  if (!found) return undefined;
  const { when: _when, ...verdict } = found;
  return verdict;
}

/**
 * What a vendor behind an aggregator meant. Its words on keys and money are about the aggregator's
 * account with it, so they say nothing of a credential here.
 */
export function judgeRelayed(text: string): Verdict | undefined {
  const verdict = judgeText(text);
  const isOfAccount = verdict !== undefined && ["auth", "auth_permanent", "billing", "session_expired"].includes(verdict.class);
  return isOfAccount ? undefined : verdict;
}
