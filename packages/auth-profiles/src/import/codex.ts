import { parseExpiry } from "../expiry.ts";
import { readClaim, readJwtClaims } from "../oauth/jwt-claims.ts";
import {
  invalid,
  nameAt,
  objectAt,
  requiredTokenAt,
  tokenAt,
  UNSTATED_LIFE_MS,
  type ImportedLogin,
  type LoginFile,
} from "./imported-login.ts";

const ACCOUNT = ["https://api.openai.com/auth", "chatgpt_account_id"] as const;

/**
 * The login in `auth.json` of the Codex CLI: it ends when its access token says, else an hour after it was written.
 *
 * @throws {AuthProfileError} `login-file-invalid`, naming file and place.
 */
export function readCodexLogin(file: LoginFile): ImportedLogin {
  const tokens = ["tokens"];
  if (tokenAt(file, ["OPENAI_API_KEY"]) !== undefined && tokenAt(file, [...tokens, "access_token"]) === undefined) {
    throw invalid(file, ["OPENAI_API_KEY"], "is an API key, and there is no login", "an API key is no login: openclaw models auth add");
  }
  objectAt(file, tokens);
  const access = requiredTokenAt(file, [...tokens, "access_token"]);
  const refresh = tokenAt(file, [...tokens, "refresh_token"]);
  const claims = readJwtClaims(access.text);
  const identity = readJwtClaims(tokenAt(file, [...tokens, "id_token"])?.text);
  const accountId = nameAt(file, [...tokens, "account_id"]) ?? readClaim(claims, ACCOUNT) ?? readClaim(identity, ACCOUNT);
  const email = readClaim(identity, ["email"]) ?? readClaim(claims, ["https://api.openai.com/profile", "email"]);
  const stated = typeof claims?.["exp"] === "number" ? parseExpiry(Math.floor(claims["exp"] * 1000)) : undefined;
  return {
    owner: "codex",
    provider: "openai-codex",
    profileId: "openai-codex:default",
    access: access.secret,
    ...(refresh && { refresh: refresh.secret }),
    expiresAt: typeof stated === "number" ? stated : file.modifiedAt + UNSTATED_LIFE_MS,
    ...(accountId !== undefined && { accountId }),
    ...(email !== undefined && { email }),
  };
}
