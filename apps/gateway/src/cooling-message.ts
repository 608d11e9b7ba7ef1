import type { CoolingCandidate } from "@openclaw/key-rotation";

/**
 * Says which credentials are cooling down and until when. They are named by fingerprint, because the
 * name of a profile is often somebody's e-mail address.
 */
export function coolingMessage(
  summary: string,
  cooling: readonly CoolingCandidate[],
  fingerprintOf: (id: string) => string,
  now: number,
): string {
  const each = cooling.map(({ id, until, reason }) => {
    const seconds = Math.max(1, Math.ceil((until - now) / 1000));
    return `${fingerprintOf(id)} for ${seconds} s (until ${new Date(until).toISOString()}, ${reason})`;
  });
  return `${summary}: ${each.join("; ")}`;
}
