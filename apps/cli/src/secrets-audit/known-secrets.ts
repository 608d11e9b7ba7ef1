import { randomBytes } from "node:crypto";
import type { KnownSecret, SecretPlace } from "./audit-source.ts";

/**
 * Each value once, under the name it was first known by and at home in all of its places. Of different
 * values of one name the later ones are numbered.
 */
export function uniqueSecrets(secrets: readonly KnownSecret[]): readonly KnownSecret[] {
  const salt = randomBytes(32);
  const byFingerprint = new Map<string, { label: string; secret: KnownSecret["secret"]; places: SecretPlace[] }[]>();
  const unique: KnownSecret[] = [];
  const labels = new Map<string, number>();
  for (const { label, secret, places } of secrets) {
    const fingerprint = secret.fingerprint(salt);
    const alike = byFingerprint.get(fingerprint) ?? [];
    const known = alike.find((each) => each.secret.equals(secret));
    if (known) {
      known.places.push(...places);
      continue;
    }
    const count = (labels.get(label) ?? 0) + 1;
    labels.set(label, count);
    const entry = { label: count === 1 ? label : `${label} (${count})`, secret, places: [...places] };
    byFingerprint.set(fingerprint, [...alike, entry]);
    unique.push(entry);
  }
  return unique;
}
