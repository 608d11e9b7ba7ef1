import type { BillingClass, Candidate, Credential, CredentialInfo, ResolveRequest, Secret, SecretRef } from "@openclaw/secrets";
import type { ProfileMetadata } from "./eligibility.ts";
import type { ProfileStorage } from "./file-storage.ts";
import type { Refresher } from "./oauth/refresher.ts";
import type { ProfileLimits } from "./order.ts";
import type { AuthProfile } from "./profile.ts";
import { isRenewableRef, renewReference } from "./renew-reference.ts";
import { checkProfile, resolveProfile, type ProfileSecrets, type ResolvedProfile } from "./resolve-profile.ts";

/** Who pays for a profile, where that is not what its type says. */
export type ProfileBilling = (profile: AuthProfile) => BillingClass;

/** Keys are paid per token; logins and setup-tokens belong to a flat plan. */
export const billingOfType: ProfileBilling = (profile) => (profile.type === "api_key" ? "metered" : "subscription");

export interface CandidateOptions {
  readonly id: string;
  readonly profile: AuthProfile;
  /** Canonical id. */
  readonly provider: string;
  readonly hosts: readonly string[];
  readonly billing: BillingClass;
  readonly metadata: ProfileMetadata | undefined;
  readonly limits?: ProfileLimits | undefined;
  readonly secrets: ProfileSecrets;
  /** Without one, a login that has ended stays so. */
  readonly refresher: Refresher | undefined;
  /** Where the profile is kept: its owner's, and not a reader's. */
  readonly storage: ProfileStorage;
  readonly now: () => number;
}

/** A stored profile as something that could be tried. Nothing is resolved until it is. */
export function profileCandidate(options: CandidateOptions): Candidate {
  const { id, profile, metadata, secrets, limits: { bucket, maxConcurrent } = {} } = options;
  const info: CredentialInfo = {
    id,
    provider: options.provider,
    origin: `profile ${id}`,
    billing: options.billing,
    hosts: options.hosts,
    ...(bucket !== undefined && { bucket }),
    ...(maxConcurrent !== undefined && { maxConcurrent }),
    profileId: id,
    store: options.storage.storePath,
  };
  const attributes = attributesOf(profile);
  const credentialOf = (resolved: ResolvedProfile): Credential => ({
    ...info,
    generation: 0,
    ...(attributes && { attributes }),
    ...resolved,
  });

  function resolve({ rejected, signal }: ResolveRequest): ResolvedProfile | Promise<ResolvedProfile> {
    const asked = { id, profile, metadata, secrets, now: options.now() };
    if (profile.type !== "oauth") {
      const isRefused = rejected !== undefined && "secret" in rejected && isRenewableRef(profile.ref, secrets);
      return isRefused ? renewed(profile.ref, { rejected: rejected.secret, ...(signal && { signal }) }) : resolveProfile(asked);
    }
    if (options.refresher === undefined) return resolveProfile(asked);
    checkProfile(asked);
    const { storage, refresher } = options;
    return refresher.live({ id, profile, storage, ...(rejected && { rejected }), ...(signal && { signal }) });
  }

  async function renewed(ref: SecretRef, refused: { readonly rejected: Secret; readonly signal?: AbortSignal }): Promise<ResolvedProfile> {
    const outcome = await renewReference(ref, { secrets, ...refused });
    return resolveProfile({ id, profile, metadata, secrets: { outcomeOf: () => outcome }, now: options.now() });
  }

  return Object.freeze({
    ...info,
    via: "profile",
    isRenewable: profile.type === "oauth" ? options.refresher !== undefined : isRenewableRef(profile.ref, secrets),
    resolve(request: ResolveRequest) {
      const resolved = resolve(request);
      return resolved instanceof Promise ? resolved.then(credentialOf) : credentialOf(resolved);
    },
  } satisfies Candidate);
}

function attributesOf(profile: AuthProfile): Credential["attributes"] {
  const attributes: Record<string, string> = { ...profile.metadata };
  if (profile.type === "oauth") {
    const { accountId, projectId, enterpriseUrl } = profile;
    for (const [name, value] of Object.entries({ accountId, projectId, enterpriseUrl })) if (value !== undefined) attributes[name] = value;
  }
  return Object.keys(attributes).length === 0 ? undefined : Object.freeze(attributes);
}
