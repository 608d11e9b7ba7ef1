import type { CoolingCandidate } from "@openclaw/key-rotation";
import { secondsUntil } from "./seconds-until.ts";

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
    return `${fingerprintOf(id)} for ${secondsUntil(until, now)} s (until ${new Date(until).toISOString()}, ${reason})`;
  });
  return `${summary}: ${each.join("; ")}`;
}
