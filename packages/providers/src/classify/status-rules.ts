import type { Evidence } from "./evidence.ts";
import { judgePayment } from "./payment-rules.ts";
import { saysInsufficientQuota, saysOverloaded, saysPlaceRefused, saysUsageLimit } from "./signals.ts";
import { judgeRelayed, judgeText } from "./text-rules.ts";
import { scopeOf, type Verdict } from "./verdict.ts";

/** A rule for one status. `code` is what a structured code or the vendor's own words say, if they say something. */
type StatusRule = (evidence: Evidence, code: Verdict | undefined) => Verdict | undefined;

/** Statuses that no code can talk away. */
export const decisiveStatuses: Readonly<Record<number, StatusRule>> = {
  401: (evidence, code) => refused("status-401", evidence, code),
  429: limited,
  529: () => ({ class: "overloaded", rule: "status-529" }),
};

/**
 * Statuses a structured code outranks. Documents call all of 408, 499 and 5xx the timeout family;
 * here `timeout` is a real one and `server` is an answer that says the provider is broken. Both stay
 * with the credential and cool nothing.
 */
export const statuses: Readonly<Record<number, StatusRule>> = {
  400: malformed("status-400"),
  402: (evidence) => judgePayment(evidence.text),
  403: (evidence) => refused("status-403", evidence, undefined),
  // "Not found" alone means the model only where the status says so too.
  404: ({ text }) => judgeText(`404 ${text}`),
  408: () => ({ class: "timeout", rule: "status-408" }),
  410: gone,
  422: malformed("status-422"),
  499: unlessOverloaded({ class: "timeout", rule: "status-499" }),
  503: unlessOverloaded({ class: "server", rule: "status-503" }),
  ...Object.fromEntries([500, 502, 504, 520, 521, 522, 523, 524].map((status) => [status, () => broken(`status-${status}`)])),
};

/** Statuses of which nothing is known but that they are the provider's. */
export function judgeStatusFamily(status: number | undefined): Verdict | undefined {
  return status !== undefined && status >= 500 ? broken("status-5xx") : undefined;
}

/** Always a rate limit. What else it says decides how wide it is, and whether waiting will help. */
function limited({ text }: Evidence, code: Verdict | undefined): Verdict {
  const saysUnpaid = code === undefined ? saysInsufficientQuota(text) : code.class === "billing" && code.scope !== "model";
  if (saysUnpaid) return { class: "rate_limit", rule: "status-429-unpaid", scope: "credential", window: "billing" };
  if (code?.scope === "bucket") return { class: "rate_limit", rule: "status-429-bucket", scope: "bucket" };
  if (code?.scope === "credential" || saysUsageLimit(text)) {
    return { class: "rate_limit", rule: "status-429-usage-limit", scope: "credential" };
  }
  const isOfAccount = code !== undefined && scopeOf[code.class] === "credential" && code.class !== "billing";
  return isOfAccount
    ? { class: "rate_limit", rule: "status-429-account", scope: "credential" }
    : { class: "rate_limit", rule: "status-429" };
}

/**
 * The credential was refused. For good, where code or text say so; whatever else they say does not
 * matter. A page is a proxy's, which refuses everybody.
 */
function refused(rule: string, { text, isPage }: Evidence, code: Verdict | undefined): Verdict {
  const isPermanent = code?.class === "auth_permanent" || judgeText(text)?.class === "auth_permanent";
  if (isPermanent) return { class: "auth_permanent", rule: `${rule}-permanent` };
  return { class: "auth", rule, ...((isPage || saysPlaceRefused(text)) && { scope: "provider" }) };
}

function malformed(rule: string): StatusRule {
  return ({ text, relayedText }) => judgeText(text) ?? judgeRelayed(relayedText) ?? { class: "format", rule };
}

function gone(evidence: Evidence): Verdict {
  const said = judgeText(evidence.text);
  const counts = said !== undefined && ["session_expired", "billing", "auth", "auth_permanent", "model_not_found"].includes(said.class);
  return counts ? said : { class: "timeout", rule: "status-410" };
}

function unlessOverloaded(verdict: Verdict): StatusRule {
  return (evidence) => (saysOverloaded(evidence.text) ? { class: "overloaded", rule: `${verdict.rule}-overloaded` } : verdict);
}

function broken(rule: string): Verdict {
  return { class: "server", rule };
}
