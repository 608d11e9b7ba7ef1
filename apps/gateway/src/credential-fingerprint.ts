import { profileFingerprint, readableProfiles, type HomeSnapshot } from "@openclaw/home";

/** A credential of a plan: its id, and the store that it is kept in, where it is known. */
export interface CredentialName {
  readonly id: string;
  readonly store?: string | undefined;
}

/**
 * The fingerprint a credential has in `models status` as well, for a client that may not see the names of
 * profiles. A key without a profile has it as id already; a login or reference gets one made of its name.
 */
export function credentialFingerprint(home: HomeSnapshot, { id, store }: CredentialName): string {
  if (/^#[0-9a-f]{8}$/u.test(id)) return id;
  // Agents may have accounts of one name.
  const own = home.agents.all.filter((agent) => store === undefined || agent.storePath === store);
  const profile = own.map((agent) => readableProfiles(agent)?.store.profiles.get(id)).find((found) => found !== undefined);
  return profileFingerprint(home, id, profile);
}
