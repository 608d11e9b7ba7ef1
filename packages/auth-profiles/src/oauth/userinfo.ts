import { systemClock, type Clock } from "@openclaw/secrets";
import type { OAuthEndpoints } from "./endpoints.ts";
import { readClaim } from "./jwt-claims.ts";
import { readAnswer } from "./read-answer.ts";
import { systemFetch, type Fetch } from "./system-fetch.ts";
import { readJsonObject } from "./token-answer.ts";
import type { TokenSet } from "./token-set.ts";

export interface UserinfoOptions {
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/**
 * The tokens of a login, with the e-mail address of its account where only the provider's userinfo endpoint (OpenID
 * Connect Core section 5.3) tells it. A login is no worse for an answer that tells nothing: the tokens come back
 * as they were. One of the few places that reveal a secret: the access token goes to the provider that gave it.
 *
 * @throws The signal's reason, as it came.
 */
export async function withUserinfo(
  tokens: TokenSet,
  { userinfoUrl }: Pick<OAuthEndpoints, "userinfoUrl">,
  options: UserinfoOptions = {},
): Promise<TokenSet> {
  if (userinfoUrl === undefined || tokens.email !== undefined) return tokens;
  const { fetch = systemFetch, clock = systemClock, signal } = options;
  const headers = { accept: "application/json", authorization: `Bearer ${tokens.access.reveal()}` };
  const answer = await readAnswer((signal) => fetch(userinfoUrl, { headers, redirect: "manual", signal }), { clock, signal });
  const json = answer.kind === "answered" && answer.status === 200 ? readJsonObject(answer) : "no answer";
  const email = typeof json === "string" ? undefined : readClaim(json, ["email"]);
  return email !== undefined && /^[^\s@]+@[^\s@]+$/u.test(email) ? { ...tokens, email } : tokens;
}
