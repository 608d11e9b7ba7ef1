import { AuthProfileError } from "../errors.ts";
import type { OAuthEndpoints } from "./endpoints.ts";
import { loginCommand } from "./login-command.ts";
import { showableErrorCode } from "./provider-error.ts";
import type { TokenVerdict } from "./token-answer.ts";
import type { TokenSet } from "./token-set.ts";

/**
 * The tokens of a login, by browser or device. What fails costs nothing but another login, so the errors
 * only say what to do: nothing here spends a token that was stored.
 *
 * @throws {AuthProfileError} `oauth-denied`, `login-timeout`, `login-refused`, `oauth-unavailable`, `oauth-bad-answer`.
 */
export function loginTokens(verdict: TokenVerdict, { provider, accountClaim }: OAuthEndpoints): TokenSet {
  const hint = `begin again: ${loginCommand(provider)}`;
  switch (verdict.kind) {
    case "tokens":
      if (accountClaim && verdict.tokens.accountId === undefined) {
        throw new AuthProfileError("oauth-bad-answer", `${provider}: the tokens do not say whose account they are`, { hint });
      }
      return verdict.tokens;
    case "refused":
      if (verdict.error === "access_denied") throw new AuthProfileError("oauth-denied", `${provider}: the login was denied`, { hint });
      if (verdict.error === "expired_token") throw new AuthProfileError("login-timeout", `${provider}: the login took too long`, { hint });
      throw new AuthProfileError(
        "login-refused",
        `${provider}: the login was refused: the provider answered ${showableErrorCode(verdict.error)}`,
        { hint: /client/.test(verdict.error) ? `check models.providers.${provider}.oauth.clientId and clientSecret` : hint },
      );
    case "unavailable":
      throw new AuthProfileError("oauth-unavailable", `${provider}: the provider ${verdict.why}`, {
        hint,
        ...(verdict.retryAt !== undefined && { retryAt: verdict.retryAt }),
      });
    case "lost":
      throw new AuthProfileError("oauth-unavailable", `${provider}: the provider ${verdict.why}`, { hint });
    case "bad":
      throw new AuthProfileError("oauth-bad-answer", `${provider}: the provider ${verdict.why}`, { hint });
  }
}
