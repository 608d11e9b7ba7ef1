import type { ApiKeyProfile, OAuthProfile, ProfileHealth, ProfileSet, TokenProfile } from "@openclaw/auth-profiles";
import { configuredKey, environmentKeys, type HomeSnapshot } from "@openclaw/home";
import type { Candidate, Secret, SecretRef } from "@openclaw/secrets";
import { loginHint } from "../login-hint.ts";
import { maskedSecret } from "../profile-label.ts";

/** How the credential itself stands, whatever cools down. */
type CredentialStanding =
  | "ready"
  | "expiring"
  /** Its access has ended, and a request would get another first. */
  | "refreshable"
  /** A command would say, and was not run. */
  | "not_run"
  /** A request would pass it by: `reasonCode` says why. */
  | "unusable";

/** What can be known of a credential without resolving it. Holds no value. */
export interface CredentialState {
  readonly standing: CredentialStanding;
  /** Public prefix and fingerprint. */
  readonly value?: string;
  /** Tells equal secrets apart from different ones. */
  readonly fingerprint?: string;
  /** Where the value comes from: `env:WORK_KEY`. */
  readonly reference?: string;
  readonly reasonCode?: string;
  readonly hint?: string;
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
}

/** What candidates are looked at with. */
export interface CredentialContext {
  readonly home: HomeSnapshot;
  readonly profiles: ProfileSet;
  readonly provider: string;
  /** By profile id. */
  readonly accounts: ReadonlyMap<string, ProfileHealth>;
}

/** Gathers what every look at a candidate needs. */
export function credentialContext(home: HomeSnapshot, profiles: ProfileSet, provider: string): CredentialContext {
  return { home, profiles, provider, accounts: new Map(profiles.inspect().map((each) => [each.profileId, each])) };
}

/** Looks at the credential of a candidate, and refreshes and runs nothing. */
export function credentialState(candidate: Pick<Candidate, "profileId" | "origin">, context: CredentialContext): CredentialState {
  const { profileId, origin } = candidate;
  if (profileId !== undefined) return profileState(profileId, context);
  const { home, provider } = context;
  const own = environmentKeys(home, provider).find((key) => key.origin === origin);
  if (own) return { standing: "ready", ...shown(own.secret, home) };
  const key = configuredKey(home, provider);
  if (key.kind === "key" && key.origin === origin)
    return { standing: "ready", ...shown(key.secret, home), ...(key.ref && referenceOf(key.ref)) };
  if (key.kind === "skipped") return { standing: "not_run", ...referenceOf(key.ref) };
  return { standing: "ready" };
}

function profileState(id: string, { home, profiles, accounts }: CredentialContext): CredentialState {
  const profile = profiles.store.profiles.get(id);
  const known = accounts.get(id);
  if (profile === undefined || known === undefined) return { standing: "unusable", reasonCode: "profile_missing" };
  const expiresAt = known.expiresAt === undefined ? {} : { expiresAt: known.expiresAt };
  return { ...(profile.type === "oauth" ? loginState(profile, known, home) : storedState(profile, known, home)), ...expiresAt };
}

function storedState(
  profile: ApiKeyProfile | TokenProfile,
  { access, reasonCode, hint }: ProfileHealth,
  home: HomeSnapshot,
): CredentialState {
  const { ref } = profile;
  const outcome = ref && home.lookUp.outcomeOf(ref);
  const secret = ref === undefined ? profile.secret : outcome?.status === "resolved" ? outcome.secret : undefined;
  const facts = { ...(secret && shown(secret, home)), ...(ref && referenceOf(ref)), ...(hint !== undefined && { hint }) };
  if (access === "missing" || access === "expired") {
    const why = outcome?.status === "failed" ? { hint: outcome.error.hint ?? outcome.error.message } : {};
    return { standing: "unusable", ...facts, ...why, reasonCode: reasonCode ?? (access === "expired" ? "expired" : "ref_policy") };
  }
  if (outcome?.status === "skipped") return { standing: "not_run", ...facts };
  return { standing: access === "expiring" ? "expiring" : "ready", ...facts };
}

/** A login whose access lasts is used as it is, whatever is known of its refresh token. */
function loginState(profile: OAuthProfile, known: ProfileHealth, home: HomeSnapshot): CredentialState {
  const { access, refresh, isRefreshable, reasonCode } = known;
  if (profile.forbiddenRefs !== undefined) return { standing: "unusable", reasonCode: "ref_policy" };
  if (access === "ok" || access === "static") return { standing: "ready" };
  if (access === "expiring") return { standing: isRefreshable ? "ready" : "expiring" };
  if (refresh === "ready") return { standing: "refreshable" };
  const hint = loginHint(home, known) ?? known.hint;
  return { standing: "unusable", reasonCode: reasonCode ?? endedReasons[refresh], ...(hint !== undefined && { hint }) };
}

const endedReasons = {
  paused: "refresh_paused",
  indeterminate: "refresh_indeterminate",
  rejected: "refresh_rejected",
  none: "expired",
} as const;

function shown(secret: Secret, home: HomeSnapshot): Pick<CredentialState, "value" | "fingerprint"> {
  const value = maskedSecret(secret, home.salt);
  return { value, fingerprint: value.slice(value.indexOf("#")) };
}

function referenceOf(ref: SecretRef): Pick<CredentialState, "reference"> {
  return { reference: `${ref.source}:${ref.id}` };
}
