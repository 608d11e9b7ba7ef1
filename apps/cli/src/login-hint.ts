import type { ProfileHealth } from "@openclaw/auth-profiles";
import { HomeError, oauthEndpoints, type HomeSnapshot } from "@openclaw/home";

/** Of a login that has ended: why it cannot be refreshed, and what helps. */
export function loginHint(
  home: HomeSnapshot,
  { type, provider, status, refresh, profileId, importedFrom }: ProfileHealth,
): string | undefined {
  if (type !== "oauth" || status !== "expired") return undefined;
  if (importedFrom !== undefined) return `openclaw models auth import ${importedFrom}`;
  const login = `openclaw models auth login --provider ${provider} --profile-id ${profileId}`;
  if (refresh !== "none") return login;
  try {
    return oauthEndpoints(home, provider) ? login : `${provider} has no login that can be refreshed here`;
  } catch (error) {
    if (!(error instanceof HomeError)) throw error;
    return error.hint === undefined ? error.message : `${error.message}: ${error.hint}`;
  }
}
