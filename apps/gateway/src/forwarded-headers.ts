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

/** Headers that describe the bytes of a body, and are wrong for any other bytes. */
const ofTheBytes: ReadonlySet<string> = new Set([
  "content-length",
  "content-encoding",
  "etag",
  "content-md5",
  "digest",
  "content-digest",
  "repr-digest",
]);

export interface ResponseHeadersOptions {
  /** Makes a name or a value fit to be shown; the same text where it is. */
  readonly clean: (text: string) => string;
  /** The names as they were spelt: in lower case a key is not known any more. */
  readonly spelt?: readonly string[];
}

/** Headers to answer with, each value cleaned. One whose name would have to be cleaned is left out. */
export function responseHeadersFrom(
  upstream: IncomingHttpHeaders,
  { clean, spelt = [] }: ResponseHeadersOptions,
): Record<string, string | string[]> {
  const unfit = new Set([...spelt, ...Object.keys(upstream)].filter((name) => clean(name) !== name).map((name) => name.toLowerCase()));
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(upstream)) {
    // What the gateway says of an answer no provider says.
    if (value === undefined || droppedFromResponse.has(name) || name.startsWith("x-openclaw-") || unfit.has(name)) continue;
    headers[name] = Array.isArray(value) ? value.map((each) => clean(each)) : clean(value);
  }
  return headers;
}

/** What is left of an answer's headers when its body is replaced by another. */
export function withoutBodyHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTheBytes.has(name)));
}
