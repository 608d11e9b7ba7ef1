import { AuthProfileError, type OAuthProfile, type StoredLogin } from "@openclaw/auth-profiles";
import { readableProfiles, type AgentAccounts, type Home } from "@openclaw/home";
import type { Clock } from "@openclaw/secrets";

/** What became of a login that was about to end. */
export type LoginEvent =
  | { readonly type: "login-refreshed"; readonly profileId: string; readonly agentId: string }
  /** Told once for as long as it stays the same. */
  | {
      readonly type: "login-failing";
      readonly profileId: string;
      readonly agentId: string;
      readonly code: string;
      readonly message: string;
      readonly hint?: string;
    };

/** What logins are kept with. */
export interface KeepLoginsOptions {
  readonly home: Pick<Home, "current" | "refresher">;
  readonly clock: Clock;
  readonly onEvent: (event: LoginEvent) => void;
  /** A bug of ours, or something nobody foresaw. The others go on. */
  readonly onError: (error: Error) => void;
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 30_000;
/** Refreshes that wait for different providers at a time. */
const MOST_AT_ONCE = 4;

/**
 * Refreshes every login of the home ahead of its end, those of accounts that are cooling down or not in use too, until
 * the signal says so. The access that is still there is used meanwhile.
 */
export async function keepLogins({ home, clock, onEvent, onError, signal }: KeepLoginsOptions): Promise<void> {
  const failing = new Map<string, string>();

  async function keep({ agent, ...login }: KeptLogin): Promise<void> {
    const named = { profileId: login.id, agentId: agent.id };
    const place = placeOf({ agent, ...login });
    try {
      if (await home.refresher.refreshAhead({ ...login, signal })) onEvent({ type: "login-refreshed", ...named });
      failing.delete(place);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof AuthProfileError)) {
        onError(error instanceof Error ? error : new Error("a login could not be refreshed"));
        return;
      }
      const { code, message, hint } = error;
      if (failing.get(place) === code) return;
      failing.set(place, code);
      onEvent({ type: "login-failing", ...named, code, message, ...(hint !== undefined && { hint }) });
    }
  }

  async function look(): Promise<void> {
    const logins = refreshableLogins(home);
    const places = new Set(logins.map(placeOf));
    for (const place of failing.keys()) if (!places.has(place)) failing.delete(place);
    const rest = logins.values();
    const workers = Array.from({ length: MOST_AT_ONCE }, async () => {
      for (const login of rest) if (!signal.aborted) await keep(login);
    });
    await Promise.all(workers);
  }

  while (!signal.aborted) {
    try {
      await look();
    } catch (error) {
      onError(error instanceof Error ? error : new Error("the logins could not be looked at"));
    }
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}

/** A login, and whose store it is in. */
interface KeptLogin extends StoredLogin {
  readonly agent: AgentAccounts;
}

function placeOf({ agent, id }: KeptLogin): string {
  return JSON.stringify([agent.storePath, id]);
}

/** Each login once, with the store that it is kept in: what agents read through to is main's. */
function refreshableLogins({ current: { agents } }: Pick<Home, "current">): readonly KeptLogin[] {
  const seen = new Set<OAuthProfile>();
  const logins: KeptLogin[] = [];
  for (const agent of [agents.find("main"), ...agents.all]) {
    for (const [id, profile] of readableProfiles(agent)?.store.profiles ?? []) {
      if (profile.type !== "oauth" || profile.refresh === undefined || profile.forbiddenRefs !== undefined || seen.has(profile)) continue;
      seen.add(profile);
      logins.push({ id, profile, storage: agent.storage, agent });
    }
  }
  return logins;
}
