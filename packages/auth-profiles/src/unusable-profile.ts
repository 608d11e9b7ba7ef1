import type { ReasonCode } from "./eligibility.ts";
import { AuthProfileError } from "./errors.ts";
import { expiryHint } from "./expiry.ts";
import { renewCommand } from "./oauth/login-command.ts";
import type { AuthProfile } from "./profile.ts";

/** What a reason means, in words that follow `Profile "x"`. */
const meanings: Readonly<Record<ReasonCode, string>> = {
  profile_missing: "is not in the store",
  provider_mismatch: "belongs to another provider",
  mode_mismatch: "is not of the type the configuration names",
  missing_credential: "holds no credential",
  invalid_expires: "has an expires that is no time",
  expired: "has expired",
  unresolved_ref: "holds a SecretRef that does not resolve",
  excluded_by_auth_order: "is not in the order of its provider",
  not_configured: "is not among the configured profiles of its provider",
};

/** The error for a profile that was asked for and cannot be used: `profile-unusable` with its reason. */
export function unusableProfile(id: string, profile: AuthProfile, reason: ReasonCode): AuthProfileError {
  return new AuthProfileError("profile-unusable", `Profile "${id}" ${meanings[reason]} (${reason})`, {
    profileId: id,
    reason,
    hint: fixFor(id, profile, reason),
  });
}

function fixFor(id: string, profile: AuthProfile, reason: ReasonCode): string {
  const timeHint = profile.type === "api_key" ? undefined : expiryHint(profile.expires);
  if (timeHint !== undefined && (reason === "invalid_expires" || reason === "expired")) return timeHint;
  if (reason === "provider_mismatch")
    return `profile "${id}" is for ${profile.provider}: pin it for a model of that; or correct auth.profiles.${id}.provider, where it says otherwise`;
  if (reason === "mode_mismatch") return `set auth.profiles.${id}.mode to "${profile.type}"`;
  return profile.type === "oauth" || (reason === "expired" && profile.metadata?.["importedFrom"] !== undefined)
    ? renewCommand(profile)
    : `openclaw models auth paste-token --provider ${profile.provider} --profile-id ${id}`;
}
