import type { IncomingMessage } from "node:http";
import { GatewayError } from "./errors.ts";

const MOST_HEADERS = 128;

/** What decides about a request, each by the length of its name: no two are of one length, so that most headers cost one look. */
const single: readonly (string | undefined)[] = byLength([
  "host",
  "origin",
  "x-api-key",
  "content-type",
  "authorization",
  "x-goog-api-key",
]);

/**
 * Refuses a request that says twice what decides about it. Node takes the first of two, or joins them, and whoever stands
 * in front of the gateway may have looked at the other.
 *
 * @throws {GatewayError} `invalid-request`, or `headers-too-large` where there are more than anybody sends.
 */
export function requireSingleHeaders({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">): void {
  if (rawHeaders.length > 2 * MOST_HEADERS) {
    throw new GatewayError("headers-too-large", `a request may have ${MOST_HEADERS} headers at most`);
  }
  let seen = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const sent = rawHeaders[index] ?? "";
    const name = single[sent.length];
    if (name === undefined || sent.toLowerCase() !== name) continue;
    const bit = 1 << sent.length;
    if ((seen & bit) !== 0) throw new GatewayError("invalid-request", `a request has the header ${name} once`);
    seen |= bit;
  }
}

function byLength(names: readonly string[]): readonly (string | undefined)[] {
  const longest = Math.max(...names.map((name) => name.length));
  return Array.from({ length: longest + 1 }, (_, length) => names.find((name) => name.length === length));
}
