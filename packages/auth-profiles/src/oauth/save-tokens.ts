import type { ProfileStorage } from "../file-storage.ts";
import type { StoreDraft } from "../store-draft.ts";
import type { AuthStore } from "../store.ts";
import { otherStores } from "./login-copies.ts";
import type { LockedRefresh, Received, RefreshOutcome } from "./refresh-tools.ts";
import { loginIn, readCopies, readOwn, updateStored, usableLogin } from "./stored-login.ts";

/**
 * Stores what was received where the spent token was kept, unless somebody has logged in or out there meanwhile:
 * theirs counts. Then the other copies that hold the spent token get the new ones. No copy is made.
 *
 * @throws {AuthProfileError} `store-unwritable`; the tokens are kept in memory for the next try, and it is noted for
 * other processes that the old one is spent. `profile-not-found` when the login that is asked for is gone.
 */
export async function saveTokens(received: Received, locked: LockedRefresh): Promise<RefreshOutcome> {
  const { copy, name, lifeMs } = received;
  const { account, request, tools } = locked;
  tools.unsaved.set(name, received);
  const saving = updateStored(copy.storage, request.id, (draft) => {
    const isOurs = spentIn(draft.store, received, locked).includes(copy.id);
    replaceSpent(draft, received, locked);
    return isOurs ? loginIn(draft.store, copy.id) : undefined;
  });
  const saved = await saving.catch(async (error: unknown) => {
    await noteSpent(received, locked);
    throw error;
  });
  tools.unsaved.delete(name);
  if (await saveInCopies(received, locked)) await tools.journal.clear(name);
  await tools.journal.clear(account);
  if (saved !== undefined) return { profile: saved, isSettled: true, lifeMs };

  const own = await readOwn(locked);
  const usable = await usableLogin(await readCopies(own, locked), locked);
  return { profile: usable ?? own.profile, isSettled: usable !== undefined };
}

/**
 * Whether no copy holds a spent token any more. Best effort: a copy that cannot be written costs its reader nothing, who
 * takes over what was saved already. One that does not say whose it is must not send its token, so the note of that stays.
 */
async function saveInCopies(received: Received, locked: LockedRefresh): Promise<boolean> {
  const { request, tools } = locked;
  const stores = await otherStores(received.copy.storage, [request.storage, ...tools.siblings()]);
  const isCopied = await Promise.all(stores.map((storage) => holdsSpent(storage, received, locked)));
  const holders = stores.filter((_, index) => isCopied[index]);
  if (holders.length === 0) return true;
  await noteSpent(received, locked);
  const saving = holders.map((storage) => updateStored(storage, request.id, (draft) => replaceSpent(draft, received, locked)));
  const isSaved = (await Promise.allSettled(saving)).every(({ status }) => status === "fulfilled");
  return isSaved || !isSpentBy(received);
}

async function holdsSpent(storage: ProfileStorage, received: Received, locked: LockedRefresh): Promise<boolean> {
  return storage.read().then(
    (store) => spentIn(store, received, locked).length > 0,
    () => false,
  );
}

/** Where it cannot be noted, what was noted before the token was sent is on the disk still. */
async function noteSpent(received: Received, { tools: { journal } }: LockedRefresh): Promise<void> {
  const { name, mark, startedAt } = received;
  const noting = isSpentBy(received) ? journal.write(name, { mark, startedAt, state: "received" }) : journal.clear(name);
  await noting.catch(() => undefined);
}

/** Some providers let a token be used again. */
function isSpentBy({ spent, tokens }: Received): boolean {
  return tokens.refresh !== undefined && !tokens.refresh.equals(spent);
}

function replaceSpent(draft: StoreDraft, received: Received, locked: LockedRefresh): void {
  for (const id of spentIn(draft.store, received, locked)) draft.setTokens(id, received.tokens);
}

/** Under which names a store keeps the very token that was spent. It says more than who a login claims to be of. */
function spentIn(store: AuthStore, { copy, spent }: Received, { tools: { normalizeProvider } }: LockedRefresh): readonly string[] {
  const provider = normalizeProvider(copy.profile.provider);
  return [...store.profiles].flatMap(([id, profile]) =>
    profile.type === "oauth" && profile.refresh?.equals(spent) === true && normalizeProvider(profile.provider) === provider ? [id] : [],
  );
}
