import { addressKind, hostKind } from "./address.ts";
import { ProviderError } from "./errors.ts";

export interface BaseUrlOptions {
  /** The operator declared the provider local: http and private ranges are permitted. */
  readonly isLocal?: boolean;
}

/**
 * Reads a base URL that credentials may be sent to: https anywhere public, http to loopback only.
 * `isLocal` permits http and private ranges. Link-local, metadata and unspecified addresses, user
 * information, a query, a fragment and unfilled placeholders are refused in any case.
 *
 * A name is judged as a name. Which address it has is known when the connection is made: see {@link permitsAddress}.
 *
 * @throws {ProviderError} `base-url-refused`, naming the rule and nothing of the text: a key may have
 * been pasted in its place.
 */
export function parseBaseUrl(text: string, options: BaseUrlOptions = {}): URL {
  if (/[{}]/.test(text)) throw refused("it holds a placeholder that was not filled");
  if (!URL.canParse(text)) throw refused("it is not a URL");
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refused("it is neither https nor http");
  if (url.username !== "" || url.password !== "") throw refused("it holds a user name or password");
  if (text.includes("?")) throw refused("it holds a query");
  if (text.includes("#")) throw refused("it holds a fragment");

  // `api.openai.com.` is the same host under another origin.
  if (url.hostname.endsWith(".")) url.hostname = url.hostname.slice(0, -1);
  if (url.hostname.split(".").includes("")) throw refused("its host name has an empty part");

  const kind = hostKind(url.hostname);
  if (kind === "forbidden") throw refused("its host is a link-local, metadata or unspecified address");
  if (options.isLocal !== true) {
    if (kind === "private") throw refused("its host is a private address", localHint);
    if (url.protocol === "http:" && kind !== "loopback") throw refused("http goes to this machine only", localHint);
  }
  return url;
}

/**
 * Whether a connection for `hostname` may go to an address the name was resolved to. The name was
 * judged when the base URL was read; this is judged again at every connection, because names change.
 */
export function permitsAddress(hostname: string, address: string, options: BaseUrlOptions = {}): boolean {
  const kind = addressKind(address);
  if (hostKind(hostname) === "loopback") return kind === "loopback";
  return kind === "public" || (options.isLocal === true && (kind === "private" || kind === "loopback"));
}

const localHint = "use https, or set models.providers.<id>.local to true for a provider in your own network";

function refused(rule: string, hint?: string): ProviderError {
  return new ProviderError("base-url-refused", `Base URL refused: ${rule}`, hint === undefined ? {} : { hint });
}
