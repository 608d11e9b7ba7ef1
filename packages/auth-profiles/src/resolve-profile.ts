import { formatSecretRef, type ActiveOutcome, type Secret, type SecretRef } from "@openclaw/secrets";
import { checkCredential, type ProfileMetadata } from "./eligibility.ts";
import { AuthProfileError } from "./errors.ts";
import { renewCommand } from "./oauth/login-command.ts";
import type { AuthProfile, OAuthProfile } from "./profile.ts";
import { unusableProfile } from "./unusable-profile.ts";

/**
 * What references of profiles stand for, without waiting: the current generation of a snapshot of secrets, or a
 * resolver where there are references to the environment only.
 */
export interface ProfileSecrets {
  outcomeOf(ref: SecretRef): ActiveOutcome | undefined;
  /**
   * Asks for one reference again, because a provider refused its value, and tells what it stands for then. Those who ask
   * while that lasts share it, and who asks again soon after gets what it led to. What fails keeps its last good value.
   *
   * @throws the signal's reason as it came.
   */
  renew?(ref: SecretRef, signal?: AbortSignal): Promise<ActiveOutcome | undefined>;
}

export interface ResolveProfileOptions {
  readonly id: string;
  readonly profile: AuthProfile;
  readonly metadata: ProfileMetadata | undefined;
  readonly secrets: ProfileSecrets;
  readonly now: number;
}

/** A profile's secret, ready to be sent. */
export interface ResolvedProfile {
  readonly kind: "api-key" | "bearer";
  readonly secret: Secret;
  readonly expiresAt?: number;
}

/**
 * The secret of a profile. A reference is looked up each time, so that a new value counts at once.
 *
 * @throws {AuthProfileError} `ref-policy`, `profile-unusable`, `oauth-expired` or `ref-unresolved`.
 */
export function resolveProfile(options: ResolveProfileOptions): ResolvedProfile {
  const { id, profile, now } = options;
  checkProfile(options);
  if (profile.type === "oauth") return { kind: "bearer", ...liveAccess(id, profile, now) };

  const secret = storedSecret(options);
  if (secret === undefined) throw unusableProfile(id, profile, "missing_credential");
  if (profile.type === "api_key") return { kind: "api-key", secret };
  return { kind: "bearer", secret, ...(typeof profile.expires === "number" && { expiresAt: profile.expires }) };
}

/**
 * What can be said against a profile before its secret is looked up.
 *
 * @throws {AuthProfileError} `ref-policy` or `profile-unusable`.
 */
export function checkProfile(options: ResolveProfileOptions): void {
  const { id, profile, now } = options;
  const forbidden = forbiddenRefs(options);
  if (forbidden.length > 0) {
    throw new AuthProfileError("ref-policy", `Profile "${id}" holds a SecretRef where none is allowed: ${forbidden.join("; ")}`, {
      profileId: id,
      hint: "store the reference in a profile of type api_key or token, or log in again",
    });
  }
  const reason = checkCredential(profile, now);
  if (reason !== undefined) throw unusableProfile(id, profile, reason);
}

/**
 * The stored value, or what the stored reference stands for; never the one in place of the other.
 *
 * @throws {AuthProfileError} `ref-unresolved`, naming the reference.
 */
function storedSecret({ id, profile, secrets }: ResolveProfileOptions): Secret | undefined {
  if (profile.type === "oauth") return undefined;
  if (profile.refProblem !== undefined) {
    throw new AuthProfileError("ref-unresolved", `Profile "${id}" holds a broken SecretRef. ${profile.refProblem}`, { profileId: id });
  }
  if (profile.ref === undefined) return profile.secret;
  const outcome = secrets.outcomeOf(profile.ref);
  if (outcome?.status === "resolved") return outcome.secret;
  const error = outcome?.status === "failed" ? outcome.error : undefined;
  throw new AuthProfileError("ref-unresolved", `Profile "${id}": could not resolve SecretRef "${formatSecretRef(profile.ref)}".`, {
    ...(error && { cause: error }),
    profileId: id,
    ...(error?.hint !== undefined && { hint: error.hint }),
  });
}

function liveAccess(id: string, profile: OAuthProfile, now: number): { secret: Secret; expiresAt: number } {
  const { access, expires } = profile;
  if (access !== undefined && typeof expires === "number" && now < expires) return { secret: access, expiresAt: expires };
  throw new AuthProfileError("oauth-expired", `The login of profile "${id}" has expired`, {
    profileId: id,
    hint: renewCommand(profile),
  });
}

function forbiddenRefs({ id, profile, metadata }: ResolveProfileOptions): readonly string[] {
  if (profile.type === "oauth") {
    return (profile.forbiddenRefs ?? []).map((field) => `profiles.${id}.${field}: a profile of type oauth cannot use a SecretRef`);
  }
  if (metadata?.mode !== "oauth" || profile.ref === undefined) return [];
  const field = profile.type === "api_key" ? "keyRef" : "tokenRef";
  return [`profiles.${id}.${field}: auth.profiles.${id}.mode is oauth, which cannot use a SecretRef`];
}
