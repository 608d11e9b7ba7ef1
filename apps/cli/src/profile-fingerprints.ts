import type { ProfileSet } from "@openclaw/auth-profiles";
import type { HomeSnapshot } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";

/**
 * The fingerprints a stored account is shown by: that of its value, as `models status` has it. Without a value of its own it
 * has one made of its name, as in the errors of a gateway, and that of what its reference leads to.
 */
export function profileFingerprints(
  { salt, lookUp }: Pick<HomeSnapshot, "salt" | "lookUp">,
  { store }: Pick<ProfileSet, "store">,
  id: string,
): readonly string[] {
  const profile = store.profiles.get(id);
  if (profile && profile.type !== "oauth" && profile.secret) return [profile.secret.fingerprint(salt)];
  const outcome = profile && profile.type !== "oauth" && profile.ref ? lookUp.outcomeOf(profile.ref) : undefined;
  const led = outcome?.status === "resolved" ? [outcome.secret.fingerprint(salt)] : [];
  return [Secret.of(id).fingerprint(salt), ...led];
}
