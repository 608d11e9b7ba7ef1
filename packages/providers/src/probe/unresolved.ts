import { isRecord } from "../classify/error-records.ts";
import type { ProbeReason, ProbeResult, ProbeStatus } from "./probe-result.ts";
import { plainLine } from "./plain-line.ts";

type Verdict = readonly [ProbeStatus, ProbeReason?];

/** What it means that a credential could not be had, by the code of the error. Nothing was asked of its provider. */
const verdicts: Readonly<Record<string, Verdict>> = {
  "ref-unresolved": ["unknown", "unresolved_ref"],
  "reference-unresolved": ["unknown", "unresolved_ref"],
  "ref-policy": ["unknown", "ineligible_profile"],
  "profile-not-found": ["unknown", "ineligible_profile"],
  // A login that has ended, and that only a person can renew.
  "oauth-expired": ["auth", "expired"],
  "oauth-refresh-rejected": ["auth", "expired"],
  "refresh-indeterminate": ["auth", "expired"],
  "oauth-denied": ["auth"],
  "secret-unsendable": ["auth"],
  "oauth-unavailable": ["timeout"],
};

const profileReasons: readonly ProbeReason[] = ["missing_credential", "invalid_expires", "expired"];

/** The result for a credential that could not be had, or not be sent. */
export function unresolved(error: unknown): ProbeResult {
  const { code, message, hint, reason } = isRecord(error) ? error : {};
  const [status, reasonCode] = code === "profile-unusable" ? unusable(reason) : (verdicts[String(code)] ?? ["unknown"]);
  return {
    status,
    ...(reasonCode !== undefined && { reasonCode }),
    error: plainLine(typeof message === "string" && isOurs(error) ? message : "The credential could not be had."),
    ...(typeof hint === "string" && { hint }),
  };
}

/** Errors of ours name a profile, a reference or a rule, and never hold a value. */
function isOurs(error: unknown): boolean {
  return error instanceof Error && ["AuthProfileError", "SecretsError", "ProviderError"].includes(error.name);
}

function unusable(reason: unknown): Verdict {
  return ["unknown", profileReasons.find((known) => known === reason) ?? "ineligible_profile"];
}
