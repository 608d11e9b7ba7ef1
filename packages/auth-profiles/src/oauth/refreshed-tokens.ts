import { AuthProfileError, type AuthProfileErrorOptions } from "../errors.ts";
import { loginCommand } from "./login-command.ts";
import { showableErrorCode } from "./provider-error.ts";
import type { TokenVerdict } from "./token-answer.ts";
import type { TokenSet } from "./token-set.ts";

/** Errors that mean the refresh token itself is dead: of the standard, of OpenAI and of GitHub. */
const deadTokenErrors: ReadonlySet<string> = new Set([
  "invalid_grant",
  "refresh_token_expired",
  "refresh_token_invalidated",
  "refresh_token_reused",
  "bad_refresh_token",
]);

/** Errors by which a provider says that it cannot now, not that it will not. */
const passingErrors: ReadonlySet<string> = new Set(["temporarily_unavailable", "server_error", "slow_down", "rate_limit_exceeded"]);

/**
 * The tokens of a refresh. The error's code says what has become of the refresh token, which may be spent
 * only once: with `oauth-unavailable` and `oauth-denied` it certainly was not used, with `oauth-refresh-rejected`
 * it is dead, and with `refresh-indeterminate` nobody knows. Whatever might have spent it is of the last kind,
 * an answer of HTTP 200 that cannot be used included.
 *
 * @throws {AuthProfileError} with these codes.
 */
export function refreshedTokens(verdict: TokenVerdict, provider: string): TokenSet {
  const login = loginCommand(provider);
  const fail = (code: AuthProfileError["code"], why: string, options: AuthProfileErrorOptions): never => {
    throw new AuthProfileError(code, `${provider}: the login could not be refreshed: the provider ${why}`, options);
  };
  switch (verdict.kind) {
    case "tokens":
      return verdict.tokens;
    case "refused": {
      const why = `answered ${showableErrorCode(verdict.error)} (HTTP ${verdict.status})`;
      if (deadTokenErrors.has(verdict.error)) return fail("oauth-refresh-rejected", why, { hint: login });
      if (passingErrors.has(verdict.error)) return fail("oauth-unavailable", why, { hint: "try again later" });
      return fail("oauth-denied", why, { hint: `check models.providers.${provider}.oauth, or: ${login}` });
    }
    case "unavailable":
      return fail("oauth-unavailable", verdict.why, {
        hint: "try again later",
        ...(verdict.retryAt !== undefined && { retryAt: verdict.retryAt }),
      });
    case "lost":
    case "bad":
      return fail("refresh-indeterminate", `${verdict.why}, so the refresh token may be spent`, { hint: login });
  }
}
