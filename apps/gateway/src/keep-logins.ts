import { AuthProfileError, type OAuthProfile, type StoredLogin } from "@openclaw/auth-profiles";
import { readableProfiles, type Home } from "@openclaw/home";
import type { Clock } from "@openclaw/secrets";

/** What became of a login that was about to end. */
export type LoginEvent =
  | { readonly type: "login-refreshed"; readonly profileId: string }
  /** Told once for as long as it stays the same. */
  | { readonly type: "login-failing"; readonly profileId: string; readonly code: string; readonly message: string; readonly hint?: string };

/** What logins are kept with. */
export interface KeepLoginsOptions {
  readonly home: Pick<Home, "current" | "refresher">;
  readonly clock: Clock;
  readonly onEvent: (event: LoginEvent) => void;
  /** A bug of ours, or something nobody foresaw. The others go on. */
  readonly onError: (error: Error) => void;
  readonly signal: AbortSignal;
}

/** Well within the time before its end in which a login is refreshed. */
const LOOK_EVERY_MS = 30_000;
/** Refreshes that wait for different providers at a time. */
const MOST_AT_ONCE = 4;

/**
 * Refreshes every login of the home ahead of its end, those of accounts that are cooling down or not in use too, until
 * the signal says so. The access that is still there is used meanwhile.
 */
export async function keepLogins({ home, clock, onEvent, onError, signal }: KeepLoginsOptions): Promise<void> {
  const failing = new Map<string, string>();

  async function keep(login: StoredLogin): Promise<void> {
    const { id } = login;
    try {
      if (await home.refresher.refreshAhead(login)) onEvent({ type: "login-refreshed", profileId: id });
      failing.delete(id);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof AuthProfileError)) {
        onError(error instanceof Error ? error : new Error("a login could not be refreshed"));
        return;
      }
      const { code, message, hint } = error;
      if (failing.get(id) === code) return;
      failing.set(id, code);
      onEvent({ type: "login-failing", profileId: id, code, message, ...(hint !== undefined && { hint }) });
    }
  }

  while (!signal.aborted) {
    const logins = refreshableLogins(home).values();
    const workers = Array.from({ length: MOST_AT_ONCE }, async () => {
      for (const login of logins) if (!signal.aborted) await keep({ ...login, signal });
    });
    await Promise.all(workers);
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}

/** Each login once, with the store that it is kept in: what agents read through to is main's. */
function refreshableLogins({ current: { agents } }: Pick<Home, "current">): readonly StoredLogin[] {
  const seen = new Set<OAuthProfile>();
  const logins: StoredLogin[] = [];
  for (const agent of [agents.find("main"), agents.find(), ...agents.ids.map((id) => agents.find(id))]) {
    for (const [id, profile] of readableProfiles(agent)?.store.profiles ?? []) {
      if (profile.type !== "oauth" || profile.refresh === undefined || profile.forbiddenRefs !== undefined || seen.has(profile)) continue;
      seen.add(profile);
      logins.push({ id, profile, storage: agent.storage });
    }
  }
  return logins;
}
