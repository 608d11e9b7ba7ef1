import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

const LONGEST_ID = 128;

/** Gives each request of this process an id that no other has, and no other process's either. */
export function createRequestIds(): () => string {
  const prefix = randomBytes(5).toString("hex");
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}

/** What a client calls its request in `x-request-id`: told beside our own id, never in its place. Undefined where it is no id. */
export function readClientRequestId({ "x-request-id": given }: IncomingHttpHeaders): string | undefined {
  return typeof given === "string" && given.length <= LONGEST_ID && /^[\w.:-]+$/u.test(given) ? given : undefined;
}

/** What a provider calls a request, by which its support finds it. */
export function requestIdOf(headers: IncomingHttpHeaders): string | undefined {
  const id = headers["request-id"] ?? headers["x-request-id"];
  return typeof id === "string" ? id.slice(0, LONGEST_ID) : undefined;
}
