import { mayBeSameAccount } from "../merge-stores.ts";
import type { OAuthProfile } from "../profile.ts";
import type { StoreDraft } from "../store-draft.ts";
import type { AuthStore } from "../store.ts";
import { otherStores } from "./login-copies.ts";
import { tokenMark } from "./refresh-journal.ts";
import type { LockedRefresh, Received, RefreshOutcome } from "./refresh-tools.ts";
import { loginIn, readCopies, readOwn, usableLogin } from "./stored-login.ts";

/** How long a copy's writers are waited for: who wants the account waits too. */
const COPY_WAIT_MS = 5_000;

/**
 * Stores what was received where the spent token was kept, unless somebody has logged in or out there meanwhile:
 * theirs counts. Then the other copies that hold the spent token get the new ones. No copy is made.
 *
 * @throws {AuthProfileError} `store-unwritable`; the tokens are kept in memory for the next try. `profile-not-found`
 * when the login that is asked for is gone.
 */
export async function saveTokens(received: Received, locked: LockedRefresh): Promise<RefreshOutcome> {
  const { copy, mark, lifeMs } = received;
  const { account, tools } = locked;
  tools.unsaved.set(account, received);
  const saved = await copy.storage.update((draft) => {
    const stored = loginIn(draft.store, copy.id);
    const isOurs = stored !== undefined && tokenMark(stored, account) === mark;
    replaceSpent(draft, received, locked);
    return isOurs ? loginIn(draft.store, copy.id) : undefined;
  });
  tools.unsaved.delete(account);
  await tools.journal.clear(account);
  await saveInCopies(received, locked);
  if (saved !== undefined) return { profile: saved, isSettled: true, lifeMs };

  const own = await readOwn(locked);
  const usable = usableLogin(await readCopies(own, locked), locked);
  return { profile: usable ?? own.profile, isSettled: usable !== undefined };
}

/** Best effort: a copy that cannot be read or written costs its reader nothing, who takes over what was saved already. */
async function saveInCopies(received: Received, locked: LockedRefresh): Promise<void> {
  const { request, tools } = locked;
  const stores = await otherStores(received.copy.storage, [request.storage, ...tools.siblings()]);
  const saving = stores.map(async (storage) => {
    const isCopied = spentIn(await storage.read(), received, locked).length > 0;
    if (isCopied) await storage.update((draft) => replaceSpent(draft, received, locked), { timeoutMs: COPY_WAIT_MS });
  });
  await Promise.allSettled(saving);
}

function replaceSpent(draft: StoreDraft, received: Received, locked: LockedRefresh): void {
  for (const id of spentIn(draft.store, received, locked)) draft.setTokens(id, received.tokens);
}

/** Under which names a store keeps the very token that was spent. It says more than who a login claims to be of. */
function spentIn(store: AuthStore, { copy, spent, tokens }: Received, { tools: { normalizeProvider } }: LockedRefresh): readonly string[] {
  const provider = normalizeProvider(copy.profile.provider);
  const isSpent = (profile: OAuthProfile) =>
    profile.refresh?.equals(spent) === true && normalizeProvider(profile.provider) === provider && mayBeSameAccount(profile, tokens);
  return [...store.profiles].flatMap(([id, profile]) => (profile.type === "oauth" && isSpent(profile) ? [id] : []));
}
