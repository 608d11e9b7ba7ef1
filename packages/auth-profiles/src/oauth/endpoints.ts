import { isIPv4 } from "node:net";
import type { Secret } from "@openclaw/secrets";
import { AuthProfileError } from "../errors.ts";

/** Where one provider logs people in, and as which client. Data; safe to print. */
export interface OAuthEndpoints {
  /** Canonical provider id, for messages. */
  readonly provider: string;
  /** Absent where there is no login through a browser. */
  readonly authorizationUrl?: string;
  readonly tokenUrl: string;
  /** Absent where there is no device login (RFC 8628). */
  readonly deviceUrl?: string;
  /** Tells whose a login is where its tokens do not. It is sent the access token. */
  readonly userinfoUrl?: string;
  readonly clientId: string;
  readonly clientSecret?: Secret;
  /** How the client secret is sent. `post` unless given: not every provider decodes Basic as RFC 6749 section 2.3.1 encodes it. */
  readonly clientAuth?: "basic" | "post";
  readonly scopes?: readonly string[];
  /** Exact `iss` of this provider's callbacks (RFC 9207). Unless given, an `iss` must share the authorization URL's origin. */
  readonly issuer?: string;
  /** What the provider's authorization URL wants beside the parameters of the standard, which it cannot replace. */
  readonly authorizationParameters?: Readonly<Record<string, string>>;
  /** Port and path of the redirect URI the client is registered with; any port and `/callback` where absent. */
  readonly redirectPort?: number;
  readonly redirectPath?: string;
  /** How the registered redirect URI spells this machine. `127.0.0.1` unless given. */
  readonly redirectHost?: RedirectHost;
  /** Where the account id is in the claims of the id or access token. Given, a login without one fails. */
  readonly accountClaim?: readonly string[];
}

export type RedirectHost = "127.0.0.1" | "localhost";

/**
 * Checks that nothing secret would leave in the clear.
 *
 * @throws {AuthProfileError} `oauth-endpoint-refused`, naming the endpoint and the rule.
 */
export function checkEndpoints(endpoints: OAuthEndpoints): void {
  const { provider } = endpoints;
  if (endpoints.clientId === "") {
    throw new AuthProfileError("oauth-endpoint-refused", `${provider}: there is no OAuth client id`, {
      hint: `set models.providers.${provider}.oauth.clientId`,
    });
  }
  for (const name of ["authorizationUrl", "tokenUrl", "deviceUrl", "userinfoUrl"] as const) {
    const text = endpoints[name];
    if (text === undefined) continue;
    const broken = brokenRule(text);
    if (broken === undefined) continue;
    throw new AuthProfileError("oauth-endpoint-refused", `${provider}: the OAuth ${name} ${broken}`, {
      hint: `correct models.providers.${provider}.oauth.${name}`,
    });
  }
}

/** Whether the URL stays on this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || (isIPv4(hostname) && hostname.startsWith("127."));
}

function brokenRule(text: string): string | undefined {
  if (!URL.canParse(text)) return "is not a URL";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return "holds a user name or password";
  if (url.hash !== "") return "holds a fragment";
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url))) return undefined;
  return "must be https, or http to this machine";
}
