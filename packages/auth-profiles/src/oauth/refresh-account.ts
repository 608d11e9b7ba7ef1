import { SecretsError } from "@openclaw/secrets";
import { accountLockName } from "./account-lock.ts";
import { spendable } from "./login-copies.ts";
import { cannotRefresh, journalFailed, refreshBusy } from "./refresh-errors.ts";
import { tokenMark } from "./refresh-journal.ts";
import type { AccountRefresh, LockedRefresh, RefreshOutcome, RefreshTools } from "./refresh-tools.ts";
import { judgeRefresh } from "./refresh-verdict.ts";
import { saveTokens } from "./save-tokens.ts";
import { spendToken } from "./spend-token.ts";
import { loginIn, readCopies, readOwn, usableLogin } from "./stored-login.ts";

/** How long others that refresh the same account are waited for. */
const WAIT_MS = 45_000;
/** How often a login may become another account's while it is waited for. */
const MOST_MOVES = 3;

/**
 * Gets an account a login that is good, with at most one refresh at a time on this machine. Under the lock the stores
 * are read again: what another process has stored is taken over, without a request. Of several copies of a login the
 * one that ends last is refreshed, for the others hold what was spent for it.
 *
 * @throws {AuthProfileError} `refresh-busy`; `oauth-expired` where nothing can be refreshed; `profile-not-found` when it
 * was removed meanwhile; `store-unwritable`, before anything is sent or with the new tokens kept in memory for the
 * next try; `account-mismatch`; and what `OAuthClient.refresh` throws. The stored tokens stay in all these cases.
 */
export async function refreshAccount(request: AccountRefresh, tools: RefreshTools): Promise<RefreshOutcome> {
  const { id, storage } = request;
  const { locks, normalizeProvider } = tools;
  let { profile } = request;
  for (let move = 0; move < MOST_MOVES; move++) {
    const account = await accountLockName({ id, profile, storage, normalizeProvider });
    let isLocked = false;
    try {
      const run = () => {
        isLocked = true;
        return refreshLocked({ account, request, tools });
      };
      const outcome = await locks.withLock(account, run, { timeoutMs: WAIT_MS });
      if (outcome.isSettled) return outcome;
      ({ profile } = outcome);
    } catch (error) {
      throw !isLocked && error instanceof SecretsError && error.code === "lock-timeout" ? refreshBusy(id, error) : error;
    }
  }
  throw refreshBusy(id, undefined);
}

async function refreshLocked(locked: LockedRefresh): Promise<RefreshOutcome> {
  const { account, request, tools } = locked;
  const { id } = request;
  const { journal, clock, unsaved, normalizeProvider } = tools;
  const own = await readOwn(locked);
  if ((await accountLockName({ ...own, normalizeProvider })) !== account) return { profile: own.profile, isSettled: false };
  const copies = await readCopies(own, locked);
  const usable = usableLogin(copies, locked);
  if (usable !== undefined) return { profile: usable, isSettled: true };

  const kept = unsaved.get(account);
  if (kept !== undefined) {
    // Where its store cannot be read the tokens are not given up, nor is an older copy spent in their place.
    const stored = loginIn(await kept.copy.storage.read(), kept.copy.id);
    if (stored !== undefined && tokenMark(stored, account) === kept.mark) return saveTokens(kept, locked);
    unsaved.delete(account);
  }

  const { provider } = own.profile;
  const copy = spendable(copies);
  const refresh = copy?.profile.refresh;
  const client = copy && tools.clientFor(copy.profile.provider, copy.profile);
  if (copy === undefined || refresh === undefined || client === undefined) throw cannotRefresh(id, own.profile);
  const mark = tokenMark(copy.profile, account);
  const entry = await journal.read(account).catch((error: unknown) => {
    throw journalFailed("store-unreadable", id, journal.folder, error);
  });
  const verdict = judgeRefresh({ id, provider, entry, mark, now: clock.now() });
  if (verdict.kind === "refuse") throw verdict.error;

  // As an update would be: a store that cannot be written must be known before its token is spent.
  const fresh = loginIn(await copy.storage.update((draft) => draft.store), copy.id);
  if (fresh === undefined || tokenMark(fresh, account) !== mark) return { profile: own.profile, isSettled: false };
  await copy.storage.probe();
  const attempt = { ...locked, client, copy, refresh, mark };
  return verdict.kind === "retry"
    ? spendToken({ ...attempt, isRetry: true, startedAt: verdict.startedAt })
    : spendToken({ ...attempt, isRetry: false, startedAt: clock.now() });
}
