import type { AuthProfile, ExcludedProfile, ProfileOrder } from "@openclaw/auth-profiles";
import type { HomeSnapshot } from "@openclaw/home";
import type { ProbeReason } from "@openclaw/providers";
import { formatSecretRef } from "@openclaw/secrets";
import type { ProbedResult } from "./probe-report.ts";

/** What is known of an account without asking its provider. */
export type KnownVerdict = Pick<ProbedResult, "status" | "reasonCode" | "error" | "hint" | "eligibility">;

type Reason = ExcludedProfile["reason"];

/** First lines that scripts compare. */
const EXCLUDED = "Excluded by auth.order for this provider.";
const UNUSABLE = "Auth profile credentials are missing or expired.";

/** Reasons that probes have a code for, in words; the others are all `ineligible_profile`. */
const reasons: Partial<Readonly<Record<Reason, readonly [ProbeReason, string]>>> = {
  missing_credential: ["missing_credential", "neither a credential nor a SecretRef is stored."],
  invalid_expires: ["invalid_expires", "expires is not a time in milliseconds."],
  expired: ["expired", "the token has expired."],
  provider_mismatch: ["ineligible_profile", "the configuration says that it is of another provider."],
  mode_mismatch: ["ineligible_profile", "the configuration names another type than is stored."],
};

/** Why a stored profile is not asked about, if it is not: requests pass it over, or its reference leads nowhere. */
export function profileVerdict(
  home: HomeSnapshot,
  account: { readonly id: string; readonly profile: AuthProfile; readonly provider: string; readonly order: ProfileOrder },
): KnownVerdict | undefined {
  const { id, profile, provider, order } = account;
  const reason = order.excluded.find((entry) => entry.id === id)?.reason;
  if (reason !== undefined && !order.isExplicit) {
    return { status: "unknown", error: `Auth profile "${id}" is not configured for ${provider}.`, eligibility: reason };
  }
  if (reason === "excluded_by_auth_order") return excludedByOrder;
  if (reason !== undefined) {
    const [code, words] = reasons[reason] ?? ["ineligible_profile", "requests pass it over."];
    return { ...unusable(code, words), eligibility: reason };
  }
  const problem = referenceProblem(home, profile);
  return problem === undefined ? undefined : { ...unusable("unresolved_ref", problem), hint: `openclaw secrets explain ${id}` };
}

/** Nothing that an order of the provider leaves out is ever used. */
export const excludedByOrder: KnownVerdict = { status: "unknown", reasonCode: "excluded_by_auth_order", error: EXCLUDED };

/** A credential that is none, in two lines: the first is the same for all. */
export function unusable(reasonCode: ProbeReason, words: string): KnownVerdict {
  return { status: "unknown", reasonCode, error: `${UNUSABLE}\n↳ Auth reason: [${reasonCode}] ${words}` };
}

function referenceProblem({ lookUp }: HomeSnapshot, profile: AuthProfile): string | undefined {
  if (profile.type === "oauth") return undefined;
  if (profile.refProblem !== undefined) return `could not resolve SecretRef: ${profile.refProblem}`;
  if (profile.ref === undefined || lookUp.outcomeOf(profile.ref)?.status === "resolved") return undefined;
  return `could not resolve SecretRef "${formatSecretRef(profile.ref)}".`;
}
