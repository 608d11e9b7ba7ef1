import type { BillingClass, Candidate, Credential, CredentialInfo } from "@openclaw/secrets";
import type { ProfileMetadata } from "./eligibility.ts";
import type { AuthProfile } from "./profile.ts";
import { resolveProfile, type ProfileSecrets } from "./resolve-profile.ts";

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
  readonly secrets: ProfileSecrets;
  readonly now: () => number;
}

/** A stored profile as something that could be tried. Nothing is resolved until it is. */
export function profileCandidate(options: CandidateOptions): Candidate {
  const { id, profile, metadata, secrets } = options;
  const info: CredentialInfo = {
    id,
    provider: options.provider,
    origin: `profile ${id}`,
    billing: options.billing,
    hosts: options.hosts,
    profileId: id,
  };
  const attributes = attributesOf(profile);
  return Object.freeze({
    ...info,
    via: "profile",
    resolve(): Credential {
      const resolved = resolveProfile({ id, profile, metadata, secrets, now: options.now() });
      return { ...info, generation: 0, ...(attributes && { attributes }), ...resolved };
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
