import type { ExpiryEvent } from "@openclaw/auth-profiles";
import { printable } from "../io.ts";
import { formatRemaining } from "./duration.ts";

/** A change of state as a line for people, the state first and the command last. */
export function renderAuthEvent(event: ExpiryEvent): string {
  const { profileId, to, at, expiresAt, reason, fix = "" } = event;
  const why = reason === undefined ? "" : ` (${reason})`;
  switch (to) {
    case "expiring":
      return printable(`expiring: ${profileId} ends ${expiresAt === undefined ? "soon" : `in ${formatRemaining(expiresAt - at)}`}; ${fix}`);
    case "expired":
      return printable(`expired: ${profileId} does not work now${why} and is tried again by itself; at once with ${fix}`);
    case "dead":
      return printable(`dead: ${profileId} does not work and needs you${why}; ${fix}`);
    case "recovered":
      return printable(`recovered: ${profileId} works again`);
  }
}
