import { readClaim, readJwtClaims } from "../oauth/jwt-claims.ts";
import { requiredTokenAt, timeAt, tokenAt, UNSTATED_LIFE_MS, type ImportedLogin, type LoginFile } from "./imported-login.ts";

/**
 * The login in `oauth_creds.json` of the Gemini CLI, under the e-mail address its id token names.
 *
 * @throws {AuthProfileError} `login-file-invalid`, naming file and place.
 */
export function readGeminiLogin(file: LoginFile): ImportedLogin {
  const access = requiredTokenAt(file, ["access_token"]);
  const refresh = tokenAt(file, ["refresh_token"]);
  const email = readClaim(readJwtClaims(tokenAt(file, ["id_token"])?.text), ["email"]);
  const isName = email !== undefined && !/\s/u.test(email);
  return {
    owner: "gemini",
    provider: "google-gemini-cli",
    profileId: `google-gemini-cli:${isName ? email : "default"}`,
    access: access.secret,
    ...(refresh && { refresh: refresh.secret }),
    expiresAt: timeAt(file, ["expiry_date"]) ?? file.modifiedAt + UNSTATED_LIFE_MS,
    ...(isName && { email }),
  };
}
