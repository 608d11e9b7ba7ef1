import type { LoginCopy } from "./login-copies.ts";
import type { LockedRefresh, Received } from "./refresh-tools.ts";
import { loginIn } from "./stored-login.ts";

/**
 * What this process has received for a login and could not save, if the spent token is stored still: where it was, or
 * in another copy. Where its store cannot be read it is not given up, nor is an older copy spent in its place.
 *
 * @throws {AuthProfileError} what reading that store throws.
 */
export async function unsavedFor(copies: readonly LoginCopy[], { account, tools }: LockedRefresh): Promise<Received | undefined> {
  for (const received of tools.unsaved.values()) {
    const { copy, spent, name } = received;
    const holder = copies.find(({ profile }) => profile.refresh?.equals(spent));
    if (holder === undefined && received.account !== account) continue;
    const stored = loginIn(await copy.storage.read(), copy.id);
    if (stored?.refresh?.equals(spent)) return received;
    if (holder !== undefined) return { ...received, copy: holder };
    tools.unsaved.delete(name);
  }
  return undefined;
}
