import { join } from "node:path";
import {
  AuthProfileError,
  createOAuthClient,
  createRefresher,
  type Fetch,
  type OAuthClient,
  type OAuthProfile,
  type Refresher,
} from "@openclaw/auth-profiles";
import { authProviderId } from "@openclaw/providers";
import { createLockFolder, type Clock } from "@openclaw/secrets";
import type { AgentStorages } from "./agent-storage.ts";
import { HomeError } from "./errors.ts";
import { oauthEndpoints } from "./oauth-endpoints.ts";
import type { HomePaths } from "./paths.ts";
import type { HomeSnapshot } from "./snapshot.ts";

/** What the logins of a home are refreshed with. */
export interface HomeRefresherOptions {
  readonly paths: HomePaths;
  readonly clock: Clock;
  /** The system's unless given. */
  readonly fetch?: Fetch | undefined;
  /** Where copies of a login may be: every store of the home. */
  readonly storages: AgentStorages;
  /** The home as it is when somebody asks; undefined while it is being opened. */
  readonly current: () => HomeSnapshot | undefined;
}

/** Refreshes the logins of a home, whichever agent holds them, as the client that the home configures at that moment. */
export function createHomeRefresher({ paths: { stateDir }, clock, fetch, storages, current }: HomeRefresherOptions): Refresher {
  return createRefresher({
    locks: createLockFolder(join(stateDir, "locks")),
    journalDir: join(stateDir, "refresh"),
    clock,
    normalizeProvider: authProviderId,
    siblings: () => storages.all,
    clientFor(provider, profile): OAuthClient | undefined {
      const snapshot = current();
      if (!snapshot) return undefined;
      try {
        const endpoints = oauthEndpoints(snapshot, provider, profile);
        return endpoints && createOAuthClient(endpoints, { clock, ...(fetch && { fetch }) });
      } catch (error) {
        if (!(error instanceof HomeError)) throw error;
        const hint = error.hint === undefined ? {} : { hint: error.hint };
        throw new AuthProfileError("oauth-expired", `Logins of ${provider} cannot be refreshed: ${error.message}`, {
          cause: error,
          ...hint,
        });
      }
    },
  });
}

/** Whether a home knows where a login is refreshed, and as which client. What its provider would say nobody knows. */
export function canRefresh(snapshot: HomeSnapshot, profile: OAuthProfile): boolean {
  try {
    return oauthEndpoints(snapshot, profile.provider, profile) !== undefined;
  } catch (error) {
    if (error instanceof HomeError) return false;
    throw error;
  }
}
