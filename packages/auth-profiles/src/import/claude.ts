import { requiredTokenAt, objectAt, timeAt, UNSTATED_LIFE_MS, type ImportedLogin, type LoginFile } from "./imported-login.ts";

/**
 * The login in `.credentials.json` of Claude Code, without its refresh token: only Claude Code may renew that session.
 *
 * @throws {AuthProfileError} `login-file-invalid`, naming file and place.
 */
export function readClaudeLogin(file: LoginFile): ImportedLogin {
  const login = ["claudeAiOauth"];
  objectAt(file, login);
  return {
    owner: "claude",
    provider: "anthropic",
    profileId: "anthropic:claude",
    access: requiredTokenAt(file, [...login, "accessToken"]).secret,
    expiresAt: timeAt(file, [...login, "expiresAt"]) ?? file.modifiedAt + UNSTATED_LIFE_MS,
  };
}
