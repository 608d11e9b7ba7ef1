import type { Secret } from "@openclaw/secrets";
import { AuthProfileError, type AuthProfileErrorCode } from "../errors.ts";
import type { OAuthProfile } from "../profile.ts";
import type { LoginCopy } from "./login-copies.ts";
import type { OAuthClient } from "./oauth-client.ts";
import { accountMismatch, journalFailed, ofProfile, spentUnanswered } from "./refresh-errors.ts";
import { tokenMark, type JournalEntry } from "./refresh-journal.ts";
import type { LockedRefresh, RefreshOutcome } from "./refresh-tools.ts";
import { pauseAfter, RETRY_WINDOW_MS } from "./refresh-verdict.ts";
import { saveTokens } from "./save-tokens.ts";
import { loginIn, readCopies, readOwn, usableLogin } from "./stored-login.ts";
import type { TokenSet } from "./token-set.ts";

/** One sending of a refresh token. */
export interface Attempt extends LockedRefresh {
  readonly client: OAuthClient;
  readonly copy: LoginCopy;
  readonly refresh: Secret;
  /** Of the refresh token. */
  readonly name: string;
  /** Names the copy's tokens. */
  readonly mark: string;
  readonly isRetry: boolean;
  /** When the token was sent first. */
  readonly startedAt: number;
  /** What was noted of the token before. */
  readonly entry: JournalEntry | undefined;
}

/** Before a token whose answer was lost is sent once more. */
const RETRY_PAUSE_MS = 1_000;
/** Where a provider does not say how long a token lives. */
const ASSUMED_LIFE_MS = 3_600_000;

/**
 * Sends a refresh token, which is noted on the disk before, and stores the answer. Where the answer was lost it is
 * sent once more, within the time that servers forgive.
 *
 * @throws {AuthProfileError} `store-unwritable`, before anything is sent where it cannot be noted; `account-mismatch`;
 * what `OAuthClient.refresh` and `saveTokens` throw.
 */
export async function spendToken(attempt: Attempt): Promise<RefreshOutcome> {
  const { account, request, tools, client, copy, refresh, name, mark, isRetry, startedAt } = attempt;
  try {
    await note(attempt, { state: isRetry ? "retried" : "sent" });
  } catch (error) {
    throw journalFailed("store-unwritable", request.id, tools.journal.folder, error);
  }
  let tokens: TokenSet;
  const askedAt = tools.clock.now();
  try {
    // No signal: nobody who gives up may lose a token that was sent. The client ends by itself.
    tokens = await client.refresh(refresh, {});
  } catch (error) {
    return afterFailure(attempt, error);
  }
  if (isOtherAccount(copy.profile, tokens)) {
    await noteIfPossible(attempt, { state: "lost" });
    throw accountMismatch(request.id, copy.profile.provider);
  }
  const expiresAt = tokens.expiresAt ?? askedAt + ASSUMED_LIFE_MS;
  const received = { account, copy, spent: refresh, name, mark, startedAt, tokens: { ...tokens, expiresAt }, lifeMs: expiresAt - askedAt };
  return saveTokens(received, attempt);
}

/** What a failed request means for the account. Tokens are never removed. */
async function afterFailure(attempt: Attempt, error: unknown): Promise<RefreshOutcome> {
  const { request, tools, copy, name, mark, isRetry, startedAt, entry } = attempt;
  const { clock, random, journal } = tools;
  if (!(error instanceof AuthProfileError)) throw error; // The journal goes on saying that it was sent.

  if (!isRetry && !isHarmless(error.code) && error.code !== "oauth-refresh-rejected") {
    await clock.sleep(RETRY_PAUSE_MS * (1 + random()));
  }
  const stored = loginIn(await copy.storage.read(), copy.id);
  const isChanged = stored === undefined || tokenMark(stored, name) !== mark;
  // Somebody who takes no lock, or another tool, was faster.
  if (isChanged) await journal.clear(name);
  const usable = await usableLogin(await readCopies(await readOwn(attempt), attempt), attempt);
  if (usable !== undefined) return { profile: usable, isSettled: true };
  if (isChanged) throw ofProfile(request.id, error);

  if (error.code === "oauth-refresh-rejected" && isRetry) {
    // It is dead because the first sending has spent it, whose answer nobody got.
    await noteIfPossible(attempt, { state: "lost" });
    throw spentUnanswered(request.id, copy.profile.provider, error);
  } else if (error.code === "oauth-refresh-rejected") {
    await noteIfPossible(attempt, { state: "rejected" });
  } else if (isHarmless(error.code)) {
    // Before a token is sent once more nothing but a short pause is in time, whatever went wrong.
    const isDenied = error.code === "oauth-denied" && !isRetry;
    const failures = isRetry || entry?.mark !== mark ? 0 : (entry.failures ?? 0);
    const pause = pauseAfter({ now: clock.now(), failures, isDenied, retryAt: error.retryAt, random: random() });
    await noteIfPossible(attempt, { state: isRetry ? "sent" : "unsent", ...pause });
  } else {
    const waited = clock.now() - startedAt;
    // Also while the old access lives. Most lost answers are to requests that were never acted on, or come from
    // servers that forgive: sending again saves the login. Where a server is strict the token is spent and a person
    // has to log in anyway; revoking the login early costs at most what was left of the old access.
    if (!isRetry && waited >= 0 && waited <= RETRY_WINDOW_MS) return spendToken({ ...attempt, isRetry: true });
    await noteIfPossible(attempt, { state: "lost" });
  }
  throw ofProfile(request.id, error);
}

/** An address may change, and which one an answer names depends on what it was asked with: only an account's id tells. */
function isOtherAccount({ accountId }: OAuthProfile, tokens: TokenSet): boolean {
  return accountId !== undefined && tokens.accountId !== undefined && accountId !== tokens.accountId;
}

/** Whether the token was certainly not spent. */
function isHarmless(code: AuthProfileErrorCode): boolean {
  return code === "oauth-unavailable" || code === "oauth-denied";
}

async function note({ name, mark, startedAt, tools }: Attempt, entry: Omit<JournalEntry, "mark" | "startedAt">): Promise<void> {
  await tools.journal.write(name, { mark, startedAt, ...entry });
}

/** Afterwards the disk still says that the token was sent, which is on the safe side, and what went wrong is the better error. */
async function noteIfPossible(attempt: Attempt, entry: Omit<JournalEntry, "mark" | "startedAt">): Promise<void> {
  await note(attempt, entry).catch(() => undefined);
}
