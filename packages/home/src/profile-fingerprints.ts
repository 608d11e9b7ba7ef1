import type { AuthProfile, ProfileSet } from "@openclaw/auth-profiles";
import { Secret } from "@openclaw/secrets";
import type { HomeSnapshot } from "./snapshot.ts";

/**
 * The fingerprint a stored account is shown by to who may not see its name: that of its value, as `models status` has it. A
 * login or a reference has one made of its name, for its value is another from time to time.
 */
export function profileFingerprint({ salt }: Pick<HomeSnapshot, "salt">, id: string, profile: AuthProfile | undefined): string {
  const value = profile && profile.type !== "oauth" ? profile.secret : undefined;
  return (value ?? Secret.of(id)).fingerprint(salt);
}

/** Every fingerprint a stored account is shown by: beside its own, that of what its reference leads to. */
export function profileFingerprints(
  home: Pick<HomeSnapshot, "salt" | "lookUp">,
  { store }: Pick<ProfileSet, "store">,
  id: string,
): readonly string[] {
  const profile = store.profiles.get(id);
  const own = profileFingerprint(home, id, profile);
  if (profile === undefined || profile.type === "oauth" || profile.secret || !profile.ref) return [own];
  const outcome = home.lookUp.outcomeOf(profile.ref);
  return outcome?.status === "resolved" ? [own, outcome.secret.fingerprint(home.salt)] : [own];
}
