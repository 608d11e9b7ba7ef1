import { Secret, type Clock } from "@openclaw/secrets";
import { calculatePKCECodeChallenge } from "oauth4webapi";
import { AuthProfileError } from "../errors.ts";
import { isLoopback, type OAuthEndpoints } from "./endpoints.ts";
import { loginCommand } from "./login-command.ts";
import { loginTokens } from "./login-tokens.ts";
import { showableErrorCode, showableText } from "./provider-error.ts";
import type { TokenEndpoint } from "./token-endpoint.ts";
import type { TokenSet } from "./token-set.ts";

/** A login that waits for its callback. */
export interface PendingLogin {
  /** What the person opens. Holds no secret: client id, redirect URI, scopes, state and challenge. */
  readonly url: URL;
  readonly state: string;
  /** Whether the callback is this login's, compared in constant time. Uses nothing up: for {@link CallbackListenerOptions.accepts}. */
  isOwn(callback: URL): boolean;
  /**
   * Exchanges the callback's code. Once: a second callback is refused, one with another `state` is refused
   * and leaves the login as it was.
   *
   * @throws {AuthProfileError} `login-refused`, `login-timeout` (10 minutes), `oauth-denied` (the person said no),
   * `oauth-unavailable`, `oauth-bad-answer`; the signal's reason, as it came.
   */
  finish(callback: URL, signal?: AbortSignal): Promise<TokenSet>;
}

export interface LoginParts {
  readonly endpoints: OAuthEndpoints;
  readonly tokenEndpoint: TokenEndpoint;
  readonly clock: Clock;
  /** Bytes nobody can guess. */
  readonly random: (size: number) => Uint8Array;
}

const LOGIN_WITHIN_MS = 10 * 60_000;

/** 256 bit: 43 characters, as many as a verifier must have at least (RFC 7636 section 4.1). */
const RANDOM_BYTES = 32;

/** Begins a login with PKCE (RFC 7636, S256) for a redirect to this machine (RFC 8252). */
export async function beginLogin(redirectUri: string, { endpoints, tokenEndpoint, clock, random }: LoginParts): Promise<PendingLogin> {
  const { provider, authorizationUrl } = endpoints;
  if (authorizationUrl === undefined) {
    throw new AuthProfileError("oauth-endpoint-refused", `${provider} has no login through a browser`);
  }
  if (!URL.canParse(redirectUri) || new URL(redirectUri).protocol !== "http:" || !isLoopback(new URL(redirectUri))) {
    throw new AuthProfileError("oauth-endpoint-refused", `${provider}: a login may come back to this machine only`);
  }
  const verifierText = randomText(random);
  const state = randomText(random);
  const verifier = Secret.of(verifierText);
  const expectedState = Secret.of(state);
  const deadline = clock.now() + LOGIN_WITHIN_MS;
  let isUsed = false;

  const url = new URL(authorizationUrl);
  const parameters = {
    ...endpoints.authorizationParameters,
    response_type: "code",
    client_id: endpoints.clientId,
    redirect_uri: redirectUri,
    ...(endpoints.scopes && { scope: endpoints.scopes.join(" ") }),
    state,
    code_challenge: await calculatePKCECodeChallenge(verifierText),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);

  const isOwn = (callback: URL): boolean => {
    const states = callback.searchParams.getAll("state");
    return states.length === 1 && expectedState.equals(Secret.of(states[0] ?? ""));
  };
  const refuse = (why: string): AuthProfileError =>
    new AuthProfileError("login-refused", `${provider}: the login was refused: ${why}`, { hint: `begin again: ${loginCommand(provider)}` });

  return {
    url,
    state,
    isOwn,
    async finish(callback, signal) {
      if (!isOwn(callback)) throw refuse("the callback belongs to another login (its state differs)");
      if (isUsed) throw refuse("its callback was used already");
      if (clock.now() >= deadline) {
        throw new AuthProfileError("login-timeout", `${provider}: the login took longer than 10 minutes`, {
          hint: `begin again: ${loginCommand(provider)}`,
        });
      }
      isUsed = true;
      checkIssuer(callback.searchParams, endpoints, refuse);
      checkConsent(callback.searchParams, provider, refuse);
      const verdict = await tokenEndpoint.exchangeCode({ callback: callback.searchParams, redirectUri, verifier }, signal);
      return loginTokens(verdict, endpoints);
    },
  };
}

function randomText(random: (size: number) => Uint8Array): string {
  return Buffer.from(random(RANDOM_BYTES)).toString("base64url");
}

/** RFC 9207: the code of one provider must not be taken to another. */
function checkIssuer(parameters: URLSearchParams, endpoints: OAuthEndpoints, refuse: (why: string) => AuthProfileError): void {
  const issuers = parameters.getAll("iss");
  const [issuer] = issuers;
  if (issuer === undefined) return;
  const isExpected =
    endpoints.issuer === undefined
      ? URL.canParse(issuer) && new URL(issuer).origin === new URL(endpoints.authorizationUrl ?? "").origin
      : issuer === endpoints.issuer;
  if (issuers.length !== 1 || !isExpected) throw refuse("the callback comes from another provider (its iss differs)");
}

function checkConsent(parameters: URLSearchParams, provider: string, refuse: (why: string) => AuthProfileError): void {
  const error = parameters.get("error");
  if (error !== null) {
    const description = showableText(parameters.get("error_description"));
    const said = `${showableErrorCode(error)}${description === undefined ? "" : ` (${description})`}`;
    if (error !== "access_denied") throw refuse(`the provider answered ${said}`);
    throw new AuthProfileError("oauth-denied", `${provider}: the login was denied: ${said}`, {
      hint: `begin again: ${loginCommand(provider)}`,
    });
  }
  if (parameters.getAll("code").length !== 1 || parameters.get("code") === "") throw refuse("the callback holds no code");
}
