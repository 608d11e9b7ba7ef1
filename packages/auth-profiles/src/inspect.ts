import { checkCredential, type ReasonCode } from "./eligibility.ts";
import { expiryHint, type Expiry } from "./expiry.ts";
import { ownerOf } from "./oauth/login-command.ts";
import type { RefreshState } from "./oauth/refresh-state.ts";
import type { AuthProfile, OAuthProfile, ProfileType } from "./profile.ts";

export type HealthStatus = "ok" | "static" | "expiring" | "expired" | "missing";

/** A credential that ends within this time is `expiring`. */
export const EXPIRING_WITHIN_MS: number = 24 * 60 * 60 * 1000;

/** How a stored profile is doing. */
export interface ProfileHealth {
  readonly profileId: string;
  readonly provider: string;
  readonly type: ProfileType;
  /**
   * OpenClaw's word: a login that can be refreshed is `ok` even when its access has ended. One whose access cannot be
   * sent and whose refresh token is dead, or may be, is `expired`.
   */
  readonly status: HealthStatus;
  readonly reasonCode?: ReasonCode;
  readonly expiresAt?: number;
  /** Negative once expired. */
  readonly remainingMs?: number;
  /** Whether the credential as stored can be sent now. */
  readonly access: HealthStatus;
  /** What is known about getting another access without a person. */
  readonly refresh: RefreshState;
  /** Whether one can be had, now or once the provider has had its pause: `refresh` is `ready` or `paused`. */
  readonly isRefreshable: boolean;
  /** The tool whose login it is, and which renews it. */
  readonly importedFrom?: string;
  /** What to change, where the stored expiry cannot be meant. */
  readonly hint?: string;
}

export interface ProviderHealth {
  readonly status: HealthStatus;
  /** The soonest end among the profiles. */
  readonly expiresAt?: number;
  readonly remainingMs?: number;
}

/**
 * Judges a profile by what is stored, and a login also by what is known of its refresh token: a stored one is
 * good unless told otherwise. Resolves no reference and refreshes nothing.
 */
export function inspectProfile(id: string, profile: AuthProfile, now: number, known?: RefreshState): ProfileHealth {
  const reason = checkCredential(profile, now);
  const reasonCode = reason === undefined ? {} : { reasonCode: reason };
  const refresh = canBeRenewed(profile) ? (known ?? (profile.refresh === undefined ? "none" : "ready")) : "none";
  const isRefreshable = refresh === "ready" || refresh === "paused";
  const importedFrom = ownerOf(profile);
  const named = {
    profileId: id,
    provider: profile.provider,
    type: profile.type,
    refresh,
    isRefreshable,
    ...(importedFrom !== undefined && { importedFrom }),
  };

  if (profile.type === "api_key") {
    return { ...named, status: "static", ...reasonCode, access: reason === undefined ? "static" : "missing" };
  }
  const hint = expiryHint(profile.expires);
  const timing = reason === "missing_credential" ? {} : timeLeft(profile.expires, now);
  const shared = { ...named, ...reasonCode, ...timing, ...(hint !== undefined && { hint }) };

  if (profile.type === "token") {
    const isUnusable = reason !== undefined && reason !== "expired";
    const status = isUnusable ? "missing" : profile.expires === undefined ? "static" : statusOf(profile.expires, now);
    return { ...shared, status, access: status };
  }
  const access = accessOf(profile, now);
  const isDead = (refresh === "rejected" || refresh === "indeterminate") && access !== "ok" && access !== "expiring";
  const stored = reason === undefined ? statusOf(profile.expires, now) : "missing";
  const isRenewed = isRefreshable && (stored === "expired" || stored === "expiring");
  return { ...shared, status: isDead ? "expired" : isRenewed ? "ok" : stored, access };
}

/**
 * Whether another access may be had for a profile: a login without a refresh token may have a copy elsewhere that
 * holds one; one that holds references could not be written back.
 */
export function canBeRenewed(profile: AuthProfile): profile is OAuthProfile {
  if (profile.type !== "oauth" || profile.forbiddenRefs !== undefined) return false;
  return profile.access !== undefined || profile.refresh !== undefined;
}

/** Sums up the profiles of one provider. */
export function providerHealth(profiles: readonly ProfileHealth[]): ProviderHealth {
  const has = (...statuses: readonly HealthStatus[]) => profiles.some(({ status }) => statuses.includes(status));
  const [soonest] = profiles
    .flatMap(({ expiresAt, remainingMs }) => (expiresAt === undefined || remainingMs === undefined ? [] : [{ expiresAt, remainingMs }]))
    .toSorted((left, right) => left.expiresAt - right.expiresAt);
  if (profiles.length === 0) return { status: "missing" };
  if (profiles.every(({ type }) => type === "api_key")) return { status: "static" };
  if (has("expired", "missing")) return { status: "expired", ...soonest };
  return { status: has("expiring") ? "expiring" : "ok", ...soonest };
}

function accessOf(profile: OAuthProfile, now: number): HealthStatus {
  return profile.access === undefined || profile.forbiddenRefs !== undefined ? "missing" : statusOf(profile.expires, now);
}

/** A login without a known end counts as missing: nobody can say whether its access still works. */
function statusOf(expires: Expiry | undefined, now: number): HealthStatus {
  if (typeof expires !== "number") return "missing";
  if (now >= expires) return "expired";
  return expires - now <= EXPIRING_WITHIN_MS ? "expiring" : "ok";
}

function timeLeft(expires: Expiry | undefined, now: number): Pick<ProfileHealth, "expiresAt" | "remainingMs"> {
  return typeof expires === "number" ? { expiresAt: expires, remainingMs: expires - now } : {};
}
