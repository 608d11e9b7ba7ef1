import type { Clock, Secret } from "@openclaw/secrets";
import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  deviceAuthorizationRequest,
  deviceCodeGrantRequest,
  None,
  refreshTokenGrantRequest,
  validateAuthResponse,
  type AuthorizationServer,
  type Client,
  type ClientAuth,
} from "oauth4webapi";
import type { OAuthEndpoints } from "./endpoints.ts";
import { readAnswer, type Answer } from "./read-answer.ts";
import type { Fetch } from "./system-fetch.ts";
import { judgeTokenAnswer, type TokenVerdict } from "./token-answer.ts";

/** The requests a provider is asked. Each is sent once: nothing here retries. */
export interface TokenEndpoint {
  exchangeCode(request: CodeExchange, signal?: AbortSignal): Promise<TokenVerdict>;
  refresh(refresh: Secret, signal?: AbortSignal): Promise<TokenVerdict>;
  beginDevice(signal?: AbortSignal): Promise<Answer>;
  askForDevice(deviceCode: Secret, signal?: AbortSignal): Promise<TokenVerdict>;
}

interface CodeExchange {
  /** Parameters of a callback whose `state` and `iss` were checked. */
  readonly callback: URLSearchParams;
  readonly redirectUri: string;
  readonly verifier: Secret;
}

export interface TokenEndpointOptions {
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** Asks over oauth4webapi. One of the few places that reveal a secret: here it leaves the process. */
export function createTokenEndpoint(endpoints: OAuthEndpoints, { fetch, clock }: TokenEndpointOptions): TokenEndpoint {
  const server: AuthorizationServer = {
    issuer: endpoints.issuer ?? new URL(endpoints.tokenUrl).origin,
    token_endpoint: endpoints.tokenUrl,
    ...(endpoints.deviceUrl !== undefined && { device_authorization_endpoint: endpoints.deviceUrl }),
  };
  const client: Client = { client_id: endpoints.clientId };
  const clientAuth = clientAuthOf(endpoints);
  const scope = endpoints.scopes?.join(" ");

  const optionsFor = (signal: AbortSignal) => ({
    signal,
    // `checkEndpoints` has let http through for this machine alone.
    [allowInsecureRequests]: true,
    [customFetch]: (url: string, init: RequestInit) => fetch(url, { ...init, redirect: "manual" }),
  });

  async function judged(send: (signal: AbortSignal) => Promise<Response>, signal: AbortSignal | undefined): Promise<TokenVerdict> {
    const askedAt = clock.now();
    const answer = await readAnswer(send, { clock, signal });
    return judgeTokenAnswer(answer, { askedAt, now: clock.now(), accountClaim: endpoints.accountClaim });
  }

  return {
    exchangeCode({ callback, redirectUri, verifier }, signal) {
      // Judged already; the library takes only parameters it has seen. `iss` is not its business any more.
      const code = validateAuthResponse(server, client, new URLSearchParams({ code: callback.get("code") ?? "" }));
      return judged(
        (signal) => authorizationCodeGrantRequest(server, client, clientAuth, code, redirectUri, verifier.reveal(), optionsFor(signal)),
        signal,
      );
    },
    refresh: (refresh, signal) =>
      judged((signal) => refreshTokenGrantRequest(server, client, clientAuth, refresh.reveal(), optionsFor(signal)), signal),
    beginDevice: (signal) =>
      readAnswer((signal) => deviceAuthorizationRequest(server, client, clientAuth, scope ? { scope } : {}, optionsFor(signal)), {
        clock,
        signal,
      }),
    askForDevice: (deviceCode, signal) =>
      judged((signal) => deviceCodeGrantRequest(server, client, clientAuth, deviceCode.reveal(), optionsFor(signal)), signal),
  };
}

function clientAuthOf({ clientSecret, clientAuth = "post" }: OAuthEndpoints): ClientAuth {
  if (!clientSecret) return None();
  return clientAuth === "basic" ? ClientSecretBasic(clientSecret.reveal()) : ClientSecretPost(clientSecret.reveal());
}
