import { checkCredential, type ReasonCode } from "./eligibility.ts";
import { expiryHint, type Expiry } from "./expiry.ts";
import type { AuthProfile, OAuthProfile, ProfileType } from "./profile.ts";

export type HealthStatus = "ok" | "static" | "expiring" | "expired" | "missing";

/** A credential that ends within this time is `expiring`. */
export const EXPIRING_WITHIN_MS: number = 24 * 60 * 60 * 1000;

/** How a stored profile is doing. */
export interface ProfileHealth {
  readonly profileId: string;
  readonly provider: string;
  readonly type: ProfileType;
  /** OpenClaw's word: a login that can be refreshed is `ok` even when its access has ended. */
  readonly status: HealthStatus;
  readonly reasonCode?: ReasonCode;
  readonly expiresAt?: number;
  /** Negative once expired. */
  readonly remainingMs?: number;
  /** Whether the credential as stored can be sent now. */
  readonly access: HealthStatus;
  /** Whether another access can be had without a person. */
  readonly isRefreshable: boolean;
  /** What to change, where the stored expiry cannot be meant. */
  readonly hint?: string;
}

export interface ProviderHealth {
  readonly status: HealthStatus;
  /** The soonest end among the profiles. */
  readonly expiresAt?: number;
  readonly remainingMs?: number;
}

/** Judges a profile by what is stored. Resolves no reference and refreshes nothing. */
export function inspectProfile(id: string, profile: AuthProfile, now: number): ProfileHealth {
  const named = { profileId: id, provider: profile.provider, type: profile.type };
  const reason = checkCredential(profile, now);
  const reasonCode = reason === undefined ? {} : { reasonCode: reason };

  if (profile.type === "api_key") {
    return { ...named, status: "static", ...reasonCode, access: reason === undefined ? "static" : "missing", isRefreshable: false };
  }
  const hint = expiryHint(profile.expires);
  const timing = reason === "missing_credential" ? {} : timeLeft(profile.expires, now);
  const shared = { ...named, ...reasonCode, ...timing, ...(hint !== undefined && { hint }) };

  if (profile.type === "token") {
    const isUnusable = reason !== undefined && reason !== "expired";
    const status = isUnusable ? "missing" : profile.expires === undefined ? "static" : statusOf(profile.expires, now);
    return { ...shared, status, access: status, isRefreshable: false };
  }
  const isRefreshable = profile.refresh !== undefined && profile.forbiddenRefs === undefined;
  const stored = reason === undefined ? statusOf(profile.expires, now) : "missing";
  const isRenewed = profile.refresh !== undefined && (stored === "expired" || stored === "expiring");
  return { ...shared, status: isRenewed ? "ok" : stored, access: accessOf(profile, now), isRefreshable };
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
