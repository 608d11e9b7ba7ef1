import type { Evidence } from "./evidence.ts";
import { isRecord } from "./error-records.ts";
import type { Verdict } from "./verdict.ts";
import { matches, says, type TextTest } from "./words.ts";

/** Words or fields by which one vendor says what its status and codes leave open. */
interface Signature extends Verdict {
  readonly when: (evidence: Evidence) => boolean;
}

const text =
  (test: TextTest): Signature["when"] =>
  (evidence) =>
    test(evidence.text);

const openai: readonly Signature[] = [
  // Without a model in it the limit is that of all models and keys of the organization.
  { when: text(says("rate limit reached for organization")), class: "rate_limit", rule: "openai-organization-limit", scope: "bucket" },
];

const google: readonly Signature[] = [
  { when: text(says("prepayment credits are depleted")), class: "billing", rule: "google-prepaid-spent" },
  { when: text(says("reported as leaked")), class: "auth_permanent", rule: "google-key-leaked" },
  { when: isProjectWide, class: "rate_limit", rule: "google-project-quota", scope: "bucket" },
];

const kimi: readonly Signature[] = [
  {
    when: text(says("usage limit for this billing cycle", "usage limit for this period")),
    class: "rate_limit",
    rule: "kimi-usage-limit",
    scope: "credential",
  },
];

/** By the id of the provider in the table. They are asked before codes that mean the same everywhere. */
const signatures: Readonly<Record<string, readonly Signature[]>> = {
  anthropic: [
    // A subscription's own allowance: keys have limits of their organization instead.
    { when: text(says("your account's rate limit")), class: "rate_limit", rule: "anthropic-account-limit", scope: "credential" },
    { when: text(says("request not allowed")), class: "auth", rule: "anthropic-place-refused", scope: "provider" },
    { when: text(says("out of extra usage", "draw from your extra usage")), class: "billing", rule: "anthropic-extra-usage" },
  ],
  openai,
  "openai-codex": openai,
  google,
  "google-vertex": google,
  "google-gemini-cli": google,
  openrouter: [
    { when: text(says("key limit exceeded")), class: "billing", rule: "openrouter-key-limit" },
    { when: text(says("input was flagged")), class: "format", rule: "openrouter-moderation" },
  ],
  xai: [
    {
      when: text(says("used all available credits", "have any credits", "run out of credits")),
      class: "billing",
      rule: "xai-credits-spent",
    },
    { when: text(says("content violates usage guidelines")), class: "format", rule: "xai-usage-guidelines" },
    { when: text(says("incorrect api key provided")), class: "auth_permanent", rule: "xai-bad-key" },
  ],
  "amazon-bedrock": [
    { when: text(says("invalid_payment_instrument")), class: "billing", rule: "bedrock-payment" },
    {
      when: text(says("have access to the model", "model access is denied", "use case details have not been submitted")),
      class: "model_not_found",
      rule: "bedrock-model-access",
    },
  ],
  together: [{ when: text(matches(/tokens \+ \S{1,40} must be <=/)), class: "context_overflow", rule: "together-context" }],
  moonshot: [
    {
      when: text(matches(/\brequest reached (?:organization )?(?:max|tpd|tpm|rpm)\b/)),
      class: "rate_limit",
      rule: "moonshot-organization-limit",
      scope: "bucket",
    },
    ...kimi,
  ],
  kimi,
  "github-copilot": [
    { when: text(says("personal access tokens are not supported")), class: "auth_permanent", rule: "copilot-token-kind" },
    {
      when: text(says("api rate limit exceeded", "secondary rate limit")),
      class: "rate_limit",
      rule: "github-api-limit",
      scope: "credential",
    },
  ],
  ollama: [{ when: text(says("payment is past due")), class: "billing", rule: "ollama-past-due" }],
};

/** What the vendor's own words mean, if it has any that are known. */
export function judgeVendor(evidence: Evidence, provider: string | undefined): Verdict | undefined {
  const found = provider === undefined ? undefined : signatures[provider]?.find((signature) => signature.when(evidence));
  if (!found) return undefined;
  const { when: _when, ...verdict } = found;
  return verdict;
}

/** Google names the quotas that are used up; those per project and not per model are shared by all keys and models of it. */
function isProjectWide({ records }: Evidence): boolean {
  const violations = records.flatMap((record): readonly unknown[] => (Array.isArray(record.violations) ? record.violations : []));
  const names = [
    ...violations.map((violation) => (isRecord(violation) ? violation.quotaId : undefined)),
    ...records.map((record) => (isRecord(record.metadata) ? record.metadata.quota_limit : undefined)),
  ].filter((name) => typeof name === "string");
  return names.length > 0 && names.every((name) => /per_?project/i.test(name) && !/per_?(?:base_?)?model/i.test(name));
}

/** MiniMax writes its code behind the text: `insufficient balance (1008)`. */
export function codesInText({ text }: Evidence, provider: string | undefined): readonly string[] {
  return provider?.startsWith("minimax") === true ? [...text.matchAll(/\((\d{4})\)/g)].map((match) => match[1] ?? "") : [];
}
