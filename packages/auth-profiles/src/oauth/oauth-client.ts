import { randomBytes } from "node:crypto";
import { systemClock, type Clock, type Secret } from "@openclaw/secrets";
import { beginDevice, type PendingDevice } from "./device.ts";
import { checkEndpoints, type OAuthEndpoints } from "./endpoints.ts";
import { beginLogin, type PendingLogin } from "./login.ts";
import { refreshedTokens } from "./refreshed-tokens.ts";
import { systemFetch, type Fetch } from "./system-fetch.ts";
import { createTokenEndpoint } from "./token-endpoint.ts";
import type { TokenSet } from "./token-set.ts";

/** What can be asked of one provider's login. */
export interface OAuthClient {
  /** Begins a login through a browser (RFC 8252) that comes back to `redirectUri` on this machine. No request is made. */
  beginLogin(options: { readonly redirectUri: string }): Promise<PendingLogin>;
  /** Begins a login on another device (RFC 8628). */
  beginDevice(signal?: AbortSignal): Promise<PendingDevice>;
  /**
   * Spends a refresh token: one request, never repeated. The set holds a new refresh token, or none where the old
   * one stays good.
   *
   * @throws {AuthProfileError} whose code says what became of the token: `oauth-refresh-rejected` (it is dead),
   * `oauth-unavailable` or `oauth-denied` (it was certainly not spent), `refresh-indeterminate` (it may be spent).
   * The signal's reason, as it came: the token may then be spent too.
   */
  refresh(refresh: Secret, options?: { readonly signal?: AbortSignal }): Promise<TokenSet>;
}

export interface OAuthClientOptions {
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  /** As many bytes as it is asked for, which nobody can guess. */
  readonly random?: (size: number) => Uint8Array;
}

/**
 * Logs in at a provider and refreshes logins. Requests go over https, or http to this machine; redirects are
 * refused; an answer is read up to 1 MiB and within 30 s. No error holds a token, a code or a client secret.
 *
 * @throws {AuthProfileError} `oauth-endpoint-refused` where an endpoint breaks a rule.
 *
 * @example
 * const client = createOAuthClient({ provider: "acme", tokenUrl: "https://id.acme.test/token", clientId: "openclaw" });
 * const { access, refresh = old } = await client.refresh(old);
 */
export function createOAuthClient(endpoints: OAuthEndpoints, options: OAuthClientOptions = {}): OAuthClient {
  const { fetch = systemFetch, clock = systemClock, random = randomBytes } = options;
  checkEndpoints(endpoints);
  const tokenEndpoint = createTokenEndpoint(endpoints, { fetch, clock });
  return {
    beginLogin: ({ redirectUri }) => beginLogin(redirectUri, { endpoints, tokenEndpoint, clock, random }),
    beginDevice: (signal) => beginDevice({ endpoints, tokenEndpoint, clock }, signal),
    refresh: async (refresh, { signal } = {}) => refreshedTokens(await tokenEndpoint.refresh(refresh, signal), endpoints.provider),
  };
}
