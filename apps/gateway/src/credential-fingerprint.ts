import type { HomeSnapshot } from "@openclaw/home";
import { readableProfiles } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";

/** A credential of a plan: its id, and the store that it is kept in, where it is known. */
export interface CredentialName {
  readonly id: string;
  readonly store?: string | undefined;
}

/**
 * The fingerprint a credential has in `models status` as well, for a client that may not see the names of
 * profiles. A key without a profile has it as id already; a login or reference gets one made of its name.
 */
export function credentialFingerprint({ agents, salt }: HomeSnapshot, { id, store }: CredentialName): string {
  if (/^#[0-9a-f]{8}$/u.test(id)) return id;
  for (const agent of agents.all) {
    // Agents may have accounts of one name.
    if (store !== undefined && agent.storePath !== store) continue;
    const profile = readableProfiles(agent)?.store.profiles.get(id);
    if (profile && profile.type !== "oauth" && profile.secret) return profile.secret.fingerprint(salt);
  }
  return Secret.of(id).fingerprint(salt);
}
