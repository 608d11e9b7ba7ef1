import type { HomeSnapshot } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";

/**
 * The fingerprint a credential has in `models status` as well, for a client that may not see the names of
 * profiles. A key without a profile has it as id already; a login or reference gets one made of its name.
 */
export function credentialFingerprint(snapshot: HomeSnapshot, id: string): string {
  if (id.startsWith("#")) return id;
  const { agents, salt } = snapshot;
  for (const agentId of agents.ids) {
    const profile = agents.find(agentId).profiles().store.profiles.get(id);
    if (profile && profile.type !== "oauth" && profile.secret) return profile.secret.fingerprint(salt);
  }
  return Secret.of(id).fingerprint(salt);
}
