import { SecretsError, type Clock, type LockFolder, type Secret } from "@openclaw/secrets";
import { AuthProfileError, type AuthProfileErrorCode } from "../errors.ts";
import type { ProfileStorage } from "../file-storage.ts";
import { mayBeSameAccount } from "../merge-stores.ts";
import type { NormalizeProvider } from "../normalize-provider.ts";
import type { OAuthProfile } from "../profile.ts";
import type { AuthStore } from "../store.ts";
import { accountLockName } from "./account-lock.ts";
import type { OAuthClient } from "./oauth-client.ts";
import { tokenMark, type JournalEntry, type RefreshJournal } from "./refresh-journal.ts";
import { judgeRefresh, pauseUntil, RETRY_WINDOW_MS } from "./refresh-verdict.ts";
import type { TokenSet } from "./token-set.ts";

/** One account's refresh. */
export interface AccountRefresh {
  readonly id: string;
  readonly profile: OAuthProfile;
  /** Where the login is kept, and is written back. */
  readonly storage: ProfileStorage;
  /** Whether a stored login is what is wanted, so that nothing need be asked. */
  readonly isGood: (profile: OAuthProfile) => boolean;
}

/** Tokens that were received and could not be saved. */
interface Unsaved {
  readonly mark: string;
  readonly tokens: TokenSet;
}

export interface RefreshTools {
  readonly clientFor: (provider: string, profile: OAuthProfile) => OAuthClient | undefined;
  readonly locks: LockFolder;
  readonly journal: RefreshJournal;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly normalizeProvider: NormalizeProvider;
  /** By account. Lives as long as the refresher: this process may yet save them. */
  readonly unsaved: Map<string, Unsaved>;
}

/** How long others that refresh the same account are waited for. */
const WAIT_MS = 45_000;
/** Before a token whose answer was lost is sent once more. */
const RETRY_PAUSE_MS = 1_000;
/** Where a provider does not say how long a token lives. */
const ASSUMED_LIFE_MS = 3_600_000;
/** How often a login may become another account's while it is waited for. */
const MOST_MOVES = 3;

/** What is stored now, and whether another round is needed because it is not what the lock was taken for. */
interface Outcome {
  readonly profile: OAuthProfile;
  readonly isSettled: boolean;
}

/**
 * Gets an account a login that is good, with at most one refresh at a time on this machine. Under the lock the store
 * is read again: what another process has stored is taken over, without a request.
 *
 * @throws {AuthProfileError} `refresh-busy`; `oauth-expired` where nothing can be refreshed; `profile-not-found` when it
 * was removed meanwhile; `store-unwritable`, before anything is sent or with the new tokens kept in memory for the
 * next try; `account-mismatch`; and what `OAuthClient.refresh` throws. The stored tokens stay in all these cases.
 */
export async function refreshAccount(request: AccountRefresh, tools: RefreshTools): Promise<OAuthProfile> {
  const { id, storage } = request;
  const { locks, normalizeProvider } = tools;
  let { profile } = request;
  for (let move = 0; move < MOST_MOVES; move++) {
    const account = await accountLockName({ id, profile, storage, normalizeProvider });
    let isLocked = false;
    try {
      const run = () => {
        isLocked = true;
        return refreshLocked(account, request, tools);
      };
      const outcome = await locks.withLock(account, run, { timeoutMs: WAIT_MS });
      if (outcome.isSettled) return outcome.profile;
      ({ profile } = outcome);
    } catch (error) {
      throw !isLocked && error instanceof SecretsError && error.code === "lock-timeout" ? busy(id, error) : error;
    }
  }
  throw busy(id, undefined);
}

async function refreshLocked(account: string, request: AccountRefresh, tools: RefreshTools): Promise<Outcome> {
  const { id, storage, isGood } = request;
  const { journal, clock, unsaved, normalizeProvider } = tools;
  const profile = loginOf(await storage.read(), id);
  if ((await accountLockName({ id, profile, storage, normalizeProvider })) !== account) return { profile, isSettled: false };
  if (isGood(profile)) return { profile, isSettled: true };

  const mark = tokenMark(profile, account);
  const kept = unsaved.get(account);
  if (kept?.mark === mark) return save(kept, { account, request, tools });
  unsaved.delete(account);

  const { provider, refresh } = profile;
  const client = refresh && tools.clientFor(provider, profile);
  if (refresh === undefined || client === undefined) throw expired(id, provider);
  const verdict = judgeRefresh({ id, provider, entry: await journal.read(account), mark, now: clock.now() });
  if (verdict.kind === "refuse") throw verdict.error;

  // As an update would be: a store that cannot be written must be known before its token is spent.
  const fresh = loginOf(await storage.update((draft) => draft.store), id);
  if (tokenMark(fresh, account) !== mark) return { profile: fresh, isSettled: isGood(fresh) };
  await storage.probe();
  const attempt = { account, request, tools, client, profile, refresh, mark };
  return verdict.kind === "retry"
    ? spend({ ...attempt, isRetry: true, startedAt: verdict.startedAt })
    : spend({ ...attempt, isRetry: false, startedAt: clock.now() });
}

interface Saving {
  readonly account: string;
  readonly request: AccountRefresh;
  readonly tools: RefreshTools;
}

interface Attempt extends Saving {
  readonly client: OAuthClient;
  readonly profile: OAuthProfile;
  readonly refresh: Secret;
  readonly mark: string;
  readonly isRetry: boolean;
  readonly startedAt: number;
}

async function spend(attempt: Attempt): Promise<Outcome> {
  const { account, request, tools, client, profile, refresh, mark, isRetry } = attempt;
  const { id } = request;
  await note(attempt, { state: isRetry ? "retried" : "sent" });
  let tokens: TokenSet;
  const askedAt = tools.clock.now();
  try {
    // No signal: nobody who gives up may lose a token that was sent. The client ends by itself.
    tokens = await client.refresh(refresh, {});
  } catch (error) {
    return afterFailure(attempt, error);
  }
  if (!mayBeSameAccount(profile, tokens)) {
    await note(attempt, { state: "lost" });
    throw new AuthProfileError("account-mismatch", `The refresh of profile "${id}" was answered with another account's tokens`, {
      profileId: id,
      hint: `nothing was changed; openclaw models auth login --provider ${profile.provider}`,
    });
  }
  const received: Unsaved = { mark, tokens: { ...tokens, expiresAt: tokens.expiresAt ?? askedAt + ASSUMED_LIFE_MS } };
  tools.unsaved.set(account, received);
  return save(received, attempt);
}

/** What a failed request means for the account. Tokens are never removed. */
async function afterFailure(attempt: Attempt, error: unknown): Promise<Outcome> {
  const { account, request, tools, mark, isRetry, startedAt } = attempt;
  const { id, storage, isGood } = request;
  const { clock, random, journal } = tools;
  if (!(error instanceof AuthProfileError)) throw error; // The journal goes on saying that it was sent.

  if (!isRetry && !isHarmless(error.code) && error.code !== "oauth-refresh-rejected") {
    await clock.sleep(RETRY_PAUSE_MS * (1 + random()));
  }
  const fresh = loginOf(await storage.read(), id);
  if (tokenMark(fresh, account) !== mark) {
    // Somebody who takes no lock, or another tool, was faster.
    await journal.clear(account);
    if (isGood(fresh)) return { profile: fresh, isSettled: true };
    throw ofProfile(id, error);
  }
  if (error.code === "oauth-refresh-rejected") {
    await note(attempt, { state: "rejected" });
  } else if (isHarmless(error.code)) {
    const pausedUntil = pauseUntil(clock.now(), error.retryAt);
    await note(attempt, { state: isRetry ? "sent" : "unsent", pausedUntil });
  } else {
    const waited = clock.now() - startedAt;
    if (!isRetry && waited >= 0 && waited <= RETRY_WINDOW_MS) return spend({ ...attempt, isRetry: true });
    await note(attempt, { state: "lost" });
  }
  throw ofProfile(id, error);
}

/** Stores what was received, unless somebody has logged in or out meanwhile: theirs counts. */
async function save({ mark, tokens }: Unsaved, { account, request, tools }: Saving): Promise<Outcome> {
  const { id, storage, isGood } = request;
  try {
    const outcome = await storage.update((draft): Outcome => {
      const stored = loginOf(draft.store, id);
      if (tokenMark(stored, account) !== mark) return { profile: stored, isSettled: isGood(stored) };
      // The same login may be kept under several names: the token was spent for all of them.
      for (const [other, profile] of draft.store.profiles) {
        if (profile.type === "oauth" && profile.provider === stored.provider && tokenMark(profile, account) === mark) {
          draft.setTokens(other, tokens);
        }
      }
      return { profile: loginOf(draft.store, id), isSettled: true };
    });
    await settle();
    return outcome;
  } catch (error) {
    if (error instanceof AuthProfileError && error.code === "profile-not-found") await settle();
    throw error;
  }

  async function settle(): Promise<void> {
    tools.unsaved.delete(account);
    await tools.journal.clear(account);
  }
}

async function note({ account, mark, startedAt, tools }: Attempt, entry: Pick<JournalEntry, "state" | "pausedUntil">): Promise<void> {
  await tools.journal.write(account, { mark, startedAt, ...entry });
}

function loginOf(store: AuthStore, id: string): OAuthProfile {
  const profile = store.profiles.get(id);
  if (profile?.type === "oauth") return profile;
  throw new AuthProfileError("profile-not-found", `The login "${id}" is not stored any more`, {
    profileId: id,
    hint: "openclaw models status lists the profiles",
  });
}

/** Whether the token was certainly not spent. */
function isHarmless(code: AuthProfileErrorCode): boolean {
  return code === "oauth-unavailable" || code === "oauth-denied";
}

function expired(id: string, provider: string): AuthProfileError {
  return new AuthProfileError("oauth-expired", `The login of profile "${id}" has expired and cannot be refreshed`, {
    profileId: id,
    hint: `openclaw models auth login --provider ${provider}`,
  });
}

function busy(id: string, cause: SecretsError | undefined): AuthProfileError {
  const who = cause === undefined ? "it kept changing" : cause.message;
  return new AuthProfileError("refresh-busy", `The login of profile "${id}" was not refreshed: ${who}`, {
    ...(cause && { cause }),
    profileId: id,
    hint: "see whether that process is stopped or hangs, and try again",
  });
}

function ofProfile(id: string, error: AuthProfileError): AuthProfileError {
  return new AuthProfileError(error.code, `Profile "${id}": ${error.message}`, {
    cause: error,
    profileId: id,
    ...(error.hint !== undefined && { hint: error.hint }),
    ...(error.retryAt !== undefined && { retryAt: error.retryAt }),
  });
}
