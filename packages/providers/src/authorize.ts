import type { Credential, Secret } from "@openclaw/secrets";
import type { Endpoint } from "./endpoint.ts";
import { ProviderError } from "./errors.ts";
import type { AuthStyle } from "./spec.ts";

type Headers = Readonly<Record<string, string>>;

/** What a caller may have sent to us, and what belongs to nobody but us. */
const credentialHeaders: ReadonlySet<string> = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "x-api-key",
  "x-goog-api-key",
  "api-key",
  "x-subscription-token",
]);

/** Of `Authorization`. */
const schemes: Partial<Readonly<Record<AuthStyle, string>>> = { bearer: "Bearer", token: "Token", key: "Key" };

/**
 * The headers of a request: the caller's without any credential of theirs, the provider's own, and
 * this credential. Names come back in lower case. The only place where a secret is revealed on the
 * way to a provider.
 *
 * @throws {ProviderError} `foreign-host` when the credential may not go to this origin, before it is
 * looked at; `unsupported-auth` for AWS signatures; `secret-unsendable` when it cannot be a header.
 */
export function authorize(endpoint: Endpoint, credential: Credential, headers: Headers): Record<string, string> {
  if (!credential.hosts.includes(endpoint.origin)) {
    throw new ProviderError("foreign-host", `${credential.origin} may not be sent to ${endpoint.origin}`, {
      hint: `it may be sent to ${credential.hosts.join(", ") || "no host"}; check models.providers.${endpoint.spec.id}.baseUrl`,
    });
  }
  const kept = withoutCredentials(headers, { ...endpoint.spec.headers });
  if (!("secret" in credential)) {
    if (credential.kind === "none") return kept;
    throw unsupported(endpoint);
  }

  const isSubscription = (endpoint.spec.subscriptionPrefixes ?? []).some((prefix) => credential.secret.startsWith(prefix));
  if (credential.kind === "bearer" || isSubscription) {
    const lists = Object.entries(endpoint.spec.bearerHeaders ?? {}).map(([name, value]) => [name, joinLists(kept[name], value)]);
    return { ...kept, ...Object.fromEntries(lists), authorization: `Bearer ${sendable(credential.secret, credential.origin)}` };
  }
  if (endpoint.auth === "aws-sigv4") throw unsupported(endpoint);
  const value = sendable(credential.secret, credential.origin);
  const scheme = schemes[endpoint.auth];
  if (scheme === undefined) kept[endpoint.auth] = value;
  else kept["authorization"] = `${scheme} ${value}`;
  return kept;
}

/** Adds the headers that are no credential to `kept`. */
function withoutCredentials(headers: Headers, kept: Record<string, string>): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) {
    const lowerCase = name.toLowerCase();
    if (!credentialHeaders.has(lowerCase)) kept[lowerCase] = value;
  }
  return kept;
}

/** A comma list that holds each entry of both once, the first one's entries first. */
function joinLists(first: string | undefined, second: string): string {
  const entries = `${first ?? ""},${second}`.split(",").map((entry) => entry.trim());
  return [...new Set(entries.filter((entry) => entry !== ""))].join(",");
}

/** HTTP clients quote a value they refuse in their error, so it is refused here. `${NAME}` is a reference nobody resolved. */
function sendable(secret: Secret, origin: string): string {
  const value = secret.reveal();
  if (/^[\u0020-\u007e\u0080-\u00ff]*[\u0021-\u007e\u0080-\u00ff]$/.test(value) && !/^\$\{\w*\}$/.test(value)) return value;
  throw new ProviderError("secret-unsendable", `${origin} is blank, an unresolved reference or not fit for a header`, {
    hint: "store it again; a value of the form ${NAME} needs that variable to be set",
  });
}

function unsupported(endpoint: Endpoint): ProviderError {
  return new ProviderError("unsupported-auth", `Requests to ${endpoint.spec.id} need an AWS signature, which this version cannot make`);
}
