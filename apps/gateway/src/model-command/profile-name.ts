import { profileFingerprints, type HomeSnapshot } from "@openclaw/home";
import type { Caller } from "../caller.ts";
import { credentialFingerprint } from "../credential-fingerprint.ts";

/** A profile as its caller may see it called: by name where that is the operator, else by fingerprint. */
export function shownProfile(profileId: string, home: HomeSnapshot, caller: Caller): string {
  return caller.isAdmin ? profileId : credentialFingerprint(home, { id: profileId });
}

/**
 * The profile somebody means: its id, what stands in that behind the provider's name, or its fingerprint. None where there is no
 * such profile or its caller may not use it.
 *
 * @throws {AuthProfileError} where the agent's store is broken.
 */
export function findProfile(
  text: string,
  provider: string,
  { home, caller, agentId }: { readonly home: HomeSnapshot; readonly caller: Caller; readonly agentId: string | undefined },
): string | undefined {
  const profiles = home.agents.find(agentId).profiles();
  const has = (id: string) => profiles.store.profiles.has(id) && caller.allowsProfile(id);
  const named = [text, `${provider}:${text}`].find(has);
  if (named !== undefined || !text.startsWith("#")) return named;
  return profiles
    .ids()
    .find((id) => has(id) && profiles.checkPin(id, provider) === undefined && profileFingerprints(home, profiles, id).includes(text));
}
