import { SecretsError } from "@openclaw/secrets";
import { AuthProfileError } from "../errors.ts";
import { accountLockName, tokenLockName, tokenName } from "./account-lock.ts";
import type { Spending } from "./choose-login.ts";
import { cannotRefresh, refreshBusy } from "./refresh-errors.ts";
import { tokenMark } from "./refresh-journal.ts";
import type { AccountRefresh, LockedRefresh, Received, RefreshOutcome, RefreshTools } from "./refresh-tools.ts";
import { saveTokens } from "./save-tokens.ts";
import { spendToken } from "./spend-token.ts";
import { chooseFor, loginIn, readCopies, readOwn, updateStored } from "./stored-login.ts";
import { sweepNotes } from "./sweep-notes.ts";
import { unsavedFor } from "./unsaved-tokens.ts";

/** How long others that refresh the same account, or send the same token, are waited for. */
const WAIT_MS = 45_000;
/** How often a login may become another account's while it is waited for. */
const MOST_MOVES = 3;
/** How often another token may have to be tried, or the stores change while the lock of one is waited for. */
const MOST_ROUNDS = 20;

/**
 * Gets an account a login that is good, with at most one refresh at a time on this machine. Under the lock the stores
 * are read again: what another process has stored is taken over, without a request. Of several copies of a login the
 * one that ends last is refreshed, for the others hold what was spent for it. A token is sent under a lock of its
 * own too, for copies of it need not agree on whose they are. Locks are taken in this order: account, token, store.
 *
 * @throws {AuthProfileError} `refresh-busy`; `oauth-expired` where nothing can be refreshed; `profile-not-found` when it
 * was removed meanwhile; `store-unwritable`, before anything is sent or with the new tokens kept in memory for the
 * next try; `account-mismatch`; and what `OAuthClient.refresh` throws. The stored tokens stay in all these cases.
 */
export async function refreshAccount(request: AccountRefresh, tools: RefreshTools): Promise<RefreshOutcome> {
  const { id, storage } = request;
  const { journal, locks, clock, normalizeProvider } = tools;
  let { profile } = request;
  for (let move = 0; move < MOST_MOVES; move++) {
    const account = await accountLockName({ id, profile, storage, normalizeProvider });
    const outcome = await holding(account, id, tools, () => refreshLocked({ account, request, tools }));
    if (outcome.lifeMs !== undefined) await sweepNotes(journal, locks, clock);
    if (outcome.isSettled) return outcome;
    ({ profile } = outcome);
  }
  throw refreshBusy(id, undefined);
}

/** Runs something under a lock. That it cannot be had is told from what goes wrong under it. */
async function holding<T>(name: string, id: string, { locks }: RefreshTools, run: () => Promise<T>): Promise<T> {
  let isLocked = false;
  const runLocked = () => {
    isLocked = true;
    return run();
  };
  try {
    return await locks.withLock(name, runLocked, { timeoutMs: WAIT_MS });
  } catch (error) {
    throw !isLocked && error instanceof SecretsError && error.code === "lock-timeout" ? refreshBusy(id, error) : error;
  }
}

/** What there is to do: nothing any more, or something that the lock of a token is needed for. */
type Step =
  | { readonly kind: "done"; readonly outcome: RefreshOutcome }
  | { readonly kind: "save"; readonly name: string; readonly received: Received }
  /** To be looked at again under the lock of the own token: who holds that one may be about to store what it got for it. */
  | { readonly kind: "doubt"; readonly name: string }
  | Spending;

/** Tokens that turned out to be dead, by name. */
type Dead = Map<string, AuthProfileError>;

async function refreshLocked(locked: LockedRefresh): Promise<RefreshOutcome> {
  const { request, tools } = locked;
  const dead: Dead = new Map();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const step = await nextStep(locked, dead);
    if (step.kind === "done") return step.outcome;
    const outcome = await holding(tokenLockName(step.name), request.id, tools, () => takeStep(step.name, locked, dead));
    if (outcome !== undefined) return outcome;
  }
  throw refreshBusy(request.id, undefined);
}

/** What it says holds for as long as the lock of the own token is `held`, by name. */
async function nextStep(locked: LockedRefresh, dead: Dead, held?: string): Promise<Step> {
  const { account, request, tools } = locked;
  const own = await readOwn(locked);
  if ((await accountLockName({ ...own, normalizeProvider: tools.normalizeProvider })) !== account) {
    return { kind: "done", outcome: { profile: own.profile, isSettled: false } };
  }
  const copies = await readCopies(own, locked);
  const received = await unsavedFor(copies, locked);
  if (received !== undefined) return { kind: "save", name: received.name, received };
  if (request.isGood(own.profile)) return { kind: "done", outcome: { profile: own.profile, isSettled: true } };
  const choice = await chooseFor(copies, locked, dead);
  if (choice.kind === "adopt") return { kind: "done", outcome: { profile: choice.profile, isSettled: true } };
  if (choice.kind === "refuse") {
    const { provider, refresh } = own.profile;
    const name = refresh && tokenName(provider, refresh, tools.normalizeProvider);
    if (name === undefined || name === held || dead.has(name)) throw choice.error;
    return { kind: "doubt", name };
  }
  if (choice.kind === "none") throw cannotRefresh(request.id, own.profile);
  return choice;
}

/** Undefined where everything has to be looked at again. */
async function takeStep(name: string, locked: LockedRefresh, dead: Dead): Promise<RefreshOutcome | undefined> {
  // Who had the lock before may have spent the token, under another name of the account.
  const step = await nextStep(locked, dead, name);
  if (step.kind === "done") return step.outcome;
  if (step.name !== name || step.kind === "doubt") return undefined;
  if (step.kind === "spend") return spend(step, locked, dead);
  const outcome = await saveTokens(step.received, locked);
  const { expires } = outcome.profile;
  return typeof expires === "number" && expires > locked.tools.clock.now() ? outcome : undefined;
}

async function spend({ copy, name, mark, verdict, entry }: Spending, locked: LockedRefresh, dead: Dead) {
  const { request, tools } = locked;
  const { provider, refresh } = copy.profile;
  const client = tools.clientFor(provider, copy.profile);
  if (client === undefined) throw cannotRefresh(request.id, copy.profile);
  // As an update would be: a store that cannot be written must be known before its token is spent.
  const fresh = loginIn(await updateStored(copy.storage, request.id, (draft) => draft.store), copy.id);
  if (fresh === undefined || tokenMark(fresh, name) !== mark) return undefined;
  await copy.storage.probe();
  const attempt = { ...locked, client, copy, refresh, name, mark, entry };
  const startedAt = verdict.kind === "retry" ? verdict.startedAt : tools.clock.now();
  try {
    return await spendToken({ ...attempt, isRetry: verdict.kind === "retry", startedAt });
  } catch (error) {
    if (!(error instanceof AuthProfileError) || error.code !== "oauth-refresh-rejected") throw error;
    // Another copy may hold a token that is not dead.
    dead.set(name, error);
    return undefined;
  }
}
