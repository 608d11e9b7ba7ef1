import type { CoolingCandidate } from "@openclaw/key-rotation";
import { Secret } from "@openclaw/secrets";

/**
 * Says which credentials are cooling down and until when. They are named by fingerprint, because the
 * name of a profile is often somebody's e-mail address.
 */
export function coolingMessage(summary: string, cooling: readonly CoolingCandidate[], salt: Uint8Array, now: number): string {
  const each = cooling.map((candidate) => {
    const seconds = Math.max(1, Math.ceil((candidate.until - now) / 1000));
    return `${fingerprintOf(candidate.id, salt)} for ${seconds} s (until ${new Date(candidate.until).toISOString()}, ${candidate.reason})`;
  });
  return `${summary}: ${each.join("; ")}`;
}

/** A key without a profile has its fingerprint as id already. */
function fingerprintOf(id: string, salt: Uint8Array): string {
  return id.startsWith("#") ? id : Secret.of(id).fingerprint(salt);
}
