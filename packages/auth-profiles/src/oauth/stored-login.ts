import { SecretsError } from "@openclaw/secrets";
import { AuthProfileError } from "../errors.ts";
import type { ProfileStorage } from "../file-storage.ts";
import type { OAuthProfile } from "../profile.ts";
import type { StoreDraft } from "../store-draft.ts";
import type { AuthStore } from "../store.ts";
import { chooseLogin, type LoginChoice } from "./choose-login.ts";
import { findCopies, type LoginCopy } from "./login-copies.ts";
import { journalFailed, storeBusy } from "./refresh-errors.ts";
import type { LockedRefresh } from "./refresh-tools.ts";

/** How long the writers of a store are waited for: all who want the account wait meanwhile. */
const STORE_WAIT_MS = 5_000;

/**
 * The login that is asked for, as it is stored now.
 *
 * @throws {AuthProfileError} `profile-not-found` when it was removed meanwhile; and the errors of reading a store.
 */
export async function readOwn({ request: { id, storage } }: Pick<LockedRefresh, "request">): Promise<LoginCopy> {
  const profile = loginIn(await storage.read(), id);
  if (profile !== undefined) return { id, profile, storage };
  throw new AuthProfileError("profile-not-found", `The login "${id}" is not stored any more`, {
    profileId: id,
    hint: "openclaw models status lists the profiles",
  });
}

/** All copies of the account's login, the own one first. */
export async function readCopies(own: LoginCopy, { account, tools }: LockedRefresh): Promise<readonly LoginCopy[]> {
  return findCopies({ own, account, siblings: tools.siblings(), normalizeProvider: tools.normalizeProvider });
}

/**
 * What to do with an account whose own login is not good.
 *
 * @throws {AuthProfileError} `store-unreadable` where the notes cannot be read.
 */
export function chooseFor(
  copies: readonly LoginCopy[],
  locked: LockedRefresh,
  dead?: ReadonlyMap<string, AuthProfileError>,
): Promise<LoginChoice> {
  const { account, request, tools } = locked;
  const readNote = (name: string) =>
    tools.journal.read(name).catch((error: unknown) => {
      throw journalFailed("store-unreadable", request.id, tools.journal.folder, error);
    });
  return chooseLogin({ ...tools, account, copies, isGood: request.isGood, readNote, ...(dead && { dead }) });
}

/** What is stored that makes a request needless: the own login, or a copy of it. */
export async function usableLogin(copies: readonly LoginCopy[], locked: LockedRefresh): Promise<OAuthProfile | undefined> {
  const own = copies[0]?.profile;
  if (own !== undefined && locked.request.isGood(own)) return own;
  const choice = await chooseFor(copies, locked);
  return choice.kind === "adopt" ? choice.profile : undefined;
}

/** The login of that name, if there is one. */
export function loginIn(store: AuthStore, id: string): OAuthProfile | undefined {
  const profile = store.profiles.get(id);
  return profile?.type === "oauth" ? profile : undefined;
}

/**
 * Changes a store while the account is held.
 *
 * @throws {AuthProfileError} `store-unwritable`, also where other writers keep it for too long; and what `update` throws.
 */
export async function updateStored<T>(storage: ProfileStorage, id: string, change: (draft: StoreDraft) => T): Promise<T> {
  try {
    return await storage.update(change, { timeoutMs: STORE_WAIT_MS });
  } catch (error) {
    throw error instanceof SecretsError && error.code === "lock-timeout" ? storeBusy(id, error) : error;
  }
}
