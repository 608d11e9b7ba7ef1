import type { IncomingHttpHeaders } from "node:http";

type Headers = Record<string, string>;

/** What of a client's request a provider gets to see. Credentials and routing are never among it. */
const requestHeaders = ["accept", "content-type", "user-agent", "anthropic-version", "anthropic-beta", "openai-beta", "idempotency-key"];

/** RFC 9110 7.6.1, and what speaks of the provider's connection or host rather than of the answer. */
const droppedFromResponse: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "set-cookie",
  "alt-svc",
  "strict-transport-security",
]);

/** Headers to send on. Compression is declined, because errors and the first event must be read here. */
export function requestHeadersFor(incoming: IncomingHttpHeaders): Headers {
  const headers: Headers = { "accept-encoding": "identity" };
  for (const name of requestHeaders) {
    const value = incoming[name];
    if (typeof value === "string") headers[name] = value;
  }
  return headers;
}

/** Headers to answer with, each value made fit to be shown by `clean`. */
export function responseHeadersFrom(upstream: IncomingHttpHeaders, clean: (value: string) => string): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(upstream)) {
    if (value === undefined || droppedFromResponse.has(name)) continue;
    headers[name] = Array.isArray(value) ? value.map((each) => clean(each)) : clean(value);
  }
  return headers;
}
