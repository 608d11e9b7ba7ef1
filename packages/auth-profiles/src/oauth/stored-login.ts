import { AuthProfileError } from "../errors.ts";
import type { OAuthProfile } from "../profile.ts";
import type { AuthStore } from "../store.ts";
import { adoptable, findCopies, type LoginCopy } from "./login-copies.ts";
import type { LockedRefresh } from "./refresh-tools.ts";

/**
 * The login that is asked for, as it is stored now.
 *
 * @throws {AuthProfileError} `profile-not-found` when it was removed meanwhile; and the errors of reading a store.
 */
export async function readOwn({ request: { id, storage } }: LockedRefresh): Promise<LoginCopy> {
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

/** What is stored that makes a request needless: the own login, or a later copy of it. */
export function usableLogin(copies: readonly LoginCopy[], { request: { isGood } }: LockedRefresh): OAuthProfile | undefined {
  const own = copies[0]?.profile;
  return own !== undefined && isGood(own) ? own : adoptable(copies, isGood)?.profile;
}

/** The login of that name, if there is one. */
export function loginIn(store: AuthStore, id: string): OAuthProfile | undefined {
  const profile = store.profiles.get(id);
  return profile?.type === "oauth" ? profile : undefined;
}
