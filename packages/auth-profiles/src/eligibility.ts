import type { NormalizeProvider } from "./normalize-provider.ts";
import type { AuthProfile, ProfileType } from "./profile.ts";

/** Why a profile cannot be used, or is not. Stable: scripts read these. */
export type ReasonCode =
  | "profile_missing"
  | "provider_mismatch"
  | "mode_mismatch"
  | "missing_credential"
  | "invalid_expires"
  | "expired"
  | "unresolved_ref"
  | "excluded_by_auth_order"
  | "not_configured";

/** What `auth.profiles.<id>` of the configuration says of a profile. */
export interface ProfileMetadata {
  readonly provider: string;
  readonly mode: ProfileType;
}

export interface EligibilityQuestion {
  /** `undefined` when no such profile is stored. */
  readonly profile: AuthProfile | undefined;
  readonly provider: string;
  readonly metadata: ProfileMetadata | undefined;
  readonly now: number;
  readonly normalizeProvider: NormalizeProvider;
  /** A `pin` also takes a login where the configuration says `token`. `selection` unless given. */
  readonly purpose?: "selection" | "pin";
}

/**
 * Whether a profile may be used for a provider, without resolving anything: `undefined` when it may,
 * else the first reason in this order: existence, provider, configured provider, configured mode,
 * credential.
 */
export function checkEligibility(question: EligibilityQuestion): ReasonCode | undefined {
  const { profile, metadata, now, normalizeProvider, purpose = "selection" } = question;
  if (profile === undefined) return "profile_missing";
  const provider = normalizeProvider(question.provider);
  if (normalizeProvider(profile.provider) !== provider) return "provider_mismatch";
  if (metadata !== undefined) {
    if (normalizeProvider(metadata.provider) !== provider) return "provider_mismatch";
    if (!isCompatibleMode(metadata.mode, profile.type, purpose)) return "mode_mismatch";
  }
  return checkCredential(profile, now);
}

/**
 * The credential alone. A reference counts as present, whether it resolves or not; a login counts
 * while it holds any token, for it may be refreshed. One that holds a forbidden reference counts too,
 * so that resolving it can say what is wrong.
 */
export function checkCredential(profile: AuthProfile, now: number): ReasonCode | undefined {
  if (profile.type === "oauth") {
    const isEmpty = profile.access === undefined && profile.refresh === undefined && profile.forbiddenRefs === undefined;
    return isEmpty ? "missing_credential" : undefined;
  }
  if (profile.secret === undefined && profile.ref === undefined && profile.refProblem === undefined) return "missing_credential";
  if (profile.type === "api_key" || profile.expires === undefined) return undefined;
  if (profile.expires === "invalid") return "invalid_expires";
  return now >= profile.expires ? "expired" : undefined;
}

function isCompatibleMode(mode: ProfileType, type: ProfileType, purpose: "selection" | "pin"): boolean {
  return mode === type || (mode === "oauth" && type === "token") || (purpose === "pin" && mode === "token" && type === "oauth");
}
