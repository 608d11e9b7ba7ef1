import type { Failure } from "@openclaw/key-rotation";
import { judgeCode, judgeVagueCode } from "./classify/code-rules.ts";
import { readEvidence, type Evidence, type Outcome } from "./classify/evidence.ts";
import { readResetAt } from "./classify/reset-time.ts";
import { saysClaudeCodeOnly, saysInsufficientQuota, saysOtherMissing } from "./classify/signals.ts";
import { decisiveStatuses, judgeStatusFamily, statuses } from "./classify/status-rules.ts";
import { judgeText } from "./classify/text-rules.ts";
import { isAbort, isCredentialError } from "./classify/thrown.ts";
import { codesInText, judgeVendor } from "./classify/vendor-rules.ts";
import { scopeOf, type Verdict } from "./classify/verdict.ts";
import type { ProviderSpec } from "./spec.ts";

/** A way to judge. `code` is what the vendor's own words or a structured code say, if they say something. */
type Judge = (evidence: Evidence, code: Verdict | undefined, provider: string | undefined) => Verdict | undefined;

/** Asked in this order: the first that concludes something decides. */
const judges: readonly Judge[] = [
  // The one text that outranks a status: it asks for another kind of credential.
  ({ text }) => (saysClaudeCodeOnly(text) ? judgeText(text) : undefined),
  // 401, 429 and 529 mean what they say.
  (evidence, code) => decisiveStatuses[evidence.status ?? 0]?.(evidence, code),
  unpaidWithoutStatus,
  // A code for "not found" does not say what was not found.
  ({ status, text }) => (status === 404 && saysOtherMissing(text) ? judgeText(text) : undefined),
  // A code that says no more than the 403 does leaves it to the text whether the refusal is for good.
  ({ status }, code) => (status === 403 && code?.class === "auth" && code.scope === undefined ? undefined : code),
  (evidence, code) => statuses[evidence.status ?? 0]?.(evidence, code),
  ({ text }) => judgeText(text),
  ({ codes }, _code, provider) => judgeVagueCode(codes, provider),
  ({ status }) => judgeStatusFamily(status),
];

/**
 * Says what went wrong, or `undefined` when nothing did: a success, or a request its caller gave up.
 * Every failure gets a class; one that no rule knows is `unknown`. Status and structured code come
 * first and text last, and only ever the text of an error. It never throws.
 *
 * @example
 * classifyFailure({ status: 429, header: (name) => response.headers.get(name) ?? undefined }, spec, clock.now());
 * // { class: "rate_limit", scope: "model", rule: "status-429", status: 429, retryAt: … }
 */
export function classifyFailure(outcome: Outcome, spec: ProviderSpec | undefined, now: number): Failure | undefined {
  if (isAbort(outcome.error)) return undefined;
  if (isCredentialError(outcome.error)) return { class: "auth", scope: "credential", rule: "credential-unavailable" };
  const evidence = readEvidence(outcome);
  if (!evidence) return undefined;

  const codes = [...codesInText(evidence, spec?.id), ...evidence.codes];
  const known = judgeCode(codes, spec?.id);
  const code = judgeVendor(evidence, spec?.id) ?? known;
  const verdict = decide(evidence, code, spec?.id);
  const scope = verdict.scope ?? scopeOf[verdict.class];
  const retryAt = readResetAt(evidence, spec?.id, now);
  const providerCode = [verdict.code ?? known?.code, ...codes].find((found) => found !== undefined && /^[\w.:-]{1,64}$/.test(found));
  return {
    class: verdict.class,
    // An aggregator's account is fine while one vendor behind it is not: nothing there is about all of it.
    scope: spec?.isAggregator === true && scope === "credential" ? "model" : scope,
    rule: verdict.rule,
    ...(verdict.window !== undefined && { window: verdict.window }),
    ...(retryAt !== undefined && { retryAt }),
    ...(evidence.status !== undefined && { status: evidence.status }),
    ...(providerCode !== undefined && { providerCode }),
  };
}

function decide(evidence: Evidence, code: Verdict | undefined, provider: string | undefined): Verdict {
  for (const judge of judges) {
    const verdict = judge(evidence, code, provider);
    if (verdict) return verdict;
  }
  return { class: "unknown", rule: "no-rule" };
}

/** `insufficient_quota` in a stream or an SDK's error: the 429 it always comes as, only that nobody kept the status. */
function unpaidWithoutStatus({ status, text }: Evidence, code: Verdict | undefined): Verdict | undefined {
  const isUnpaid = code === undefined ? saysInsufficientQuota(text) : code.rule === "code-insufficient_quota" && code.class === "billing";
  return status === undefined && isUnpaid
    ? { class: "rate_limit", rule: "unpaid-without-status", scope: "credential", window: "billing" }
    : undefined;
}
