import { randomInt } from "node:crypto";
import { systemClock, type Clock, type Credential, type LockFolder } from "@openclaw/secrets";
import { AuthProfileError } from "../errors.ts";
import type { ProfileStorage } from "../file-storage.ts";
import { plainProvider, type NormalizeProvider } from "../normalize-provider.ts";
import type { OAuthProfile } from "../profile.ts";
import type { ResolvedProfile } from "../resolve-profile.ts";
import { createAccessLives } from "./access-lives.ts";
import { loginCommand } from "./login-command.ts";
import type { OAuthClient } from "./oauth-client.ts";
import { refreshAccount } from "./refresh-account.ts";
import { createRefreshJournal } from "./refresh-journal.ts";
import type { RefreshState } from "./refresh-state.ts";
import { readRefreshStates } from "./refresh-states.ts";
import type { RefreshTools } from "./refresh-tools.ts";
import { refuseAhead } from "./refuse-ahead.ts";

/** A stored login, and where it is stored: the storage of the agent that owns it. */
export interface StoredLogin {
  readonly id: string;
  /** As it was when read. */
  readonly profile: OAuthProfile;
  readonly storage: ProfileStorage;
  /** Ends the waiting of this caller. A refresh that others wait for, or that was sent, goes on. */
  readonly signal?: AbortSignal;
}

export interface LoginRequest extends StoredLogin {
  /** What the provider has just refused: it is refreshed, unless another has taken its place. */
  readonly rejected?: Credential;
}

/** Keeps logins alive. */
export interface Refresher {
  /**
   * A login whose access lives: at once where it does, else a promise. All processes of a machine together make
   * one refresh per account; who comes later takes over what it got.
   *
   * @throws {AuthProfileError} by rejecting, with `oauth-expired`, `oauth-refresh-rejected`, `refresh-indeterminate`,
   * `oauth-unavailable`, `oauth-denied`, `refresh-busy`, `account-mismatch`, `store-unwritable`, `profile-not-found` and
   * the errors of reading a store; the signal's reason as it came.
   */
  live(request: LoginRequest): ResolvedProfile | Promise<ResolvedProfile>;
  /**
   * Refreshes a login that ends soon: within 5 minutes, or the last tenth of its life where that is known to be less, but
   * not so late that a look every 30 s would miss it; or up to a tenth earlier. Whether it did. For a gateway to call now
   * and then: one that is refused costs a small file to read, and no lock. It throws what `live` throws, and the old
   * access may be used while it lives all the same.
   */
  refreshAhead(login: StoredLogin): Promise<boolean>;
  /** By profile id, what `live` would come to if the access ended now. Only reads: no provider is asked, and nothing is written. */
  states(logins: readonly StoredLogin[]): Promise<ReadonlyMap<string, RefreshState>>;
  /** What a login that was read has become through this refresher; itself, if nothing. */
  latest(profile: OAuthProfile): OAuthProfile;
}

export interface RefresherOptions {
  /** How to ask a provider; undefined where its logins cannot be refreshed. */
  readonly clientFor: (provider: string, profile: OAuthProfile) => OAuthClient | undefined;
  /** `<state>/locks`: one folder for all processes and agents of the machine. */
  readonly locks: LockFolder;
  /** `<state>/refresh`: where refreshes under way are noted, also one for all. */
  readonly journalDir: string;
  /**
   * Other stores of the machine, which may hold copies of a login: older versions made them. The copy that ends last is
   * used and refreshed in its own store; copies of the token that was spent get the new one. No copy is made.
   */
  readonly siblings?: () => readonly ProfileStorage[];
  readonly clock?: Clock;
  /** Between 0 and 1. */
  readonly random?: () => number;
  readonly normalizeProvider?: NormalizeProvider;
}

/** Machines that share an account do not all refresh it at once. */
const JITTER = 0.1;
/** How often one joins a refresh that then does not help. */
const MOST_FLIGHTS = 3;

/**
 * Refreshes logins, once per account and machine.
 *
 * @example
 * const refresher = createRefresher({ clientFor, locks: createLockFolder(`${state}/locks`), journalDir: `${state}/refresh` });
 * const { secret } = await refresher.live({ id: "acme:work", profile, storage });
 */
export function createRefresher(options: RefresherOptions): Refresher {
  const { clientFor, locks, journalDir, siblings = () => [], clock = systemClock, normalizeProvider = plainProvider } = options;
  const random = options.random ?? (() => randomInt(1_000_001) / 1_000_000);
  const journal = createRefreshJournal(journalDir);
  const tools: RefreshTools = { clientFor, locks, journal, clock, random, normalizeProvider, siblings, unsaved: new Map() };
  /** What a login that was read became since. */
  const successors = new WeakMap<OAuthProfile, OAuthProfile>();
  const lives = createAccessLives();
  const flights = new WeakMap<ProfileStorage, Map<string, Promise<OAuthProfile>>>();

  function isLive({ access, expires }: OAuthProfile, rejected: Credential | undefined): boolean {
    if (access === undefined || typeof expires !== "number" || clock.now() >= expires) return false;
    return rejected === undefined || !("secret" in rejected) || !rejected.secret.equals(access);
  }

  async function refreshed(login: StoredLogin, isGood: (profile: OAuthProfile) => boolean): Promise<OAuthProfile> {
    const { id, storage, signal } = login;
    signal?.throwIfAborted();
    const stored = (await storage.read()).profiles.get(id);
    if (stored?.type === "oauth" && isGood(stored)) return stored;

    const own = flights.get(storage) ?? new Map<string, Promise<OAuthProfile>>();
    flights.set(storage, own);
    for (let flight = 1; ; flight++) {
      const joined = own.get(id);
      if (joined === undefined) return untilAborted(fly(own, login, isGood), signal);
      const profile = await untilAborted(joined, signal);
      if (isGood(profile) || flight === MOST_FLIGHTS) return profile;
    }
  }

  /** Shared by all who come while it lasts. */
  function fly(own: Map<string, Promise<OAuthProfile>>, login: StoredLogin, isGood: (profile: OAuthProfile) => boolean) {
    const flight = refreshAccount({ ...login, isGood }, tools)
      .then(({ profile, lifeMs }) => {
        if (lifeMs !== undefined && profile.access !== undefined) lives.got(login, profile.access, lifeMs);
        return profile;
      })
      .finally(() => own.delete(login.id));
    own.set(login.id, flight);
    return flight;
  }

  const latest = (profile: OAuthProfile) => successors.get(profile) ?? profile;

  return {
    latest,
    states: (logins) => readRefreshStates(logins, { ...tools, isLive: (profile) => isLive(profile, undefined) }),

    live(request) {
      const { id, profile, rejected } = request;
      const known = latest(profile);
      if (isLive(known, rejected)) return resolved(id, known);
      return refreshed(request, (stored) => isLive(stored, rejected)).then((current) => {
        successors.set(profile, current);
        return resolved(id, current);
      });
    },

    async refreshAhead(login) {
      const shift = 1 + JITTER * random();
      const isGood = (profile: OAuthProfile) => {
        if (!isLive(profile, undefined) || typeof profile.expires !== "number") return false;
        return profile.expires - clock.now() > shift * lives.aheadMs({ ...login, profile }, clock.now());
      };
      let profile = latest(login.profile);
      const isFarFromEnd = isGood(profile);
      if (!isFarFromEnd) {
        await refuseAhead({ ...login, isGood }, tools);
        profile = await refreshed(login, isGood);
        successors.set(login.profile, profile);
      }
      lives.saw({ ...login, profile }, clock.now());
      return !isFarFromEnd;
    },
  };
}

function resolved(id: string, { access, expires, provider }: OAuthProfile): ResolvedProfile {
  if (access === undefined || typeof expires !== "number") {
    throw new AuthProfileError("oauth-expired", `The login of profile "${id}" has expired`, {
      profileId: id,
      hint: loginCommand(provider),
    });
  }
  return { kind: "bearer", secret: access, expiresAt: expires };
}

/** The work's end, or the signal's reason if that comes first. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    work.catch(() => undefined); // Whoever else waits sees how it ends.
  }
}
