import type { Clock, LockFolder, Secret } from "@openclaw/secrets";
import type { ProfileStorage } from "../file-storage.ts";
import type { NormalizeProvider } from "../normalize-provider.ts";
import type { OAuthProfile } from "../profile.ts";
import type { LoginCopy } from "./login-copies.ts";
import type { OAuthClient } from "./oauth-client.ts";
import type { RefreshJournal } from "./refresh-journal.ts";
import type { TokenSet } from "./token-set.ts";

/** One account's refresh. */
export interface AccountRefresh {
  readonly id: string;
  readonly profile: OAuthProfile;
  /** Where the login is kept that is asked for. */
  readonly storage: ProfileStorage;
  /** Whether a stored login is what is wanted, so that nothing need be asked. */
  readonly isGood: (profile: OAuthProfile) => boolean;
}

/** Tokens that were received and are to be saved. */
export interface Received {
  /** Under which lock they were received. */
  readonly account: string;
  /** Whose refresh token was spent. */
  readonly copy: LoginCopy;
  readonly spent: Secret;
  /** Of the token that was spent. */
  readonly name: string;
  /** Names the tokens the copy held then. */
  readonly mark: string;
  /** When the token was sent first. */
  readonly startedAt: number;
  readonly tokens: TokenSet;
  readonly lifeMs: number;
}

export interface RefreshTools {
  readonly clientFor: (provider: string, profile: OAuthProfile) => OAuthClient | undefined;
  readonly locks: LockFolder;
  readonly journal: RefreshJournal;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly normalizeProvider: NormalizeProvider;
  /** Other stores that may hold copies of a login. */
  readonly siblings: () => readonly ProfileStorage[];
  /** What could not be saved, by the name of the token that was spent. Lives as long as the refresher: this process may yet save it. */
  readonly unsaved: Map<string, Received>;
}

/** A refresh that holds the lock of its account. */
export interface LockedRefresh {
  readonly account: string;
  readonly request: AccountRefresh;
  readonly tools: RefreshTools;
}

/** What there is now, and whether another round is needed because it is not what the lock was taken for. */
export interface RefreshOutcome {
  readonly profile: OAuthProfile;
  readonly isSettled: boolean;
  /** How long the access lives in all, where it was got just now. */
  readonly lifeMs?: number;
}
