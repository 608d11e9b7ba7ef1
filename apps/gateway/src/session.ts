import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Whose session it is: a client may name its sessions as another does. */
export interface SessionOwner {
  /** What tells a client's token from others; not the token. */
  readonly client: string;
  readonly agentId: string;
}

/**
 * The session of a request, from `x-openclaw-session-key`; none without one, and then nothing is sticky. What a client sends
 * may be long and may name somebody, so a hash of it is what is kept.
 */
export function sessionOf(headers: IncomingHttpHeaders, { client, agentId }: SessionOwner): string | undefined {
  const key = headers["x-openclaw-session-key"];
  if (typeof key !== "string" || key === "") return undefined;
  return createHash("sha256")
    .update(JSON.stringify([client, agentId, key]))
    .digest("base64url");
}
