import { basename, join } from "node:path";
import { storeLockName } from "@openclaw/auth-profiles";
import { createLockFolder, type LockOptions } from "@openclaw/secrets";
import { readJournal, type Journal } from "./journal.ts";

interface TransactionLockOptions {
  readonly stateDir: string;
  /** The real paths of the stores that are to be changed. */
  readonly stores: readonly string[];
  readonly lock: LockOptions | undefined;
}

/** Whether a file of this name is an agent's store, which others change under a lock of its own. */
export function isStorePath(path: string): boolean {
  return basename(path) === "auth-profiles.json";
}

/**
 * Runs something while nobody else is in a transaction, and nobody changes the stores it is about: those given, and
 * those that a dead transaction has yet to put in place. Who held their locks gave them back by dying, so that
 * somebody may be saving a login right now.
 *
 * The locks of the stores come first, in the order of their names, and that of transactions last. Whoever holds the
 * latter waits for nothing, and nobody begins a transaction, nor finishes one, while he changes a store.
 */
export async function withTransactionLock<T>({ stateDir, stores, lock }: TransactionLockOptions, run: () => Promise<T>): Promise<T> {
  const locks = createLockFolder(join(stateDir, "locks"));
  for (;;) {
    const ours = new Set([...stores, ...storesOf(await readJournal(stateDir))].map(storeLockName));
    const names = [...[...ours].toSorted(), "secrets-apply"];
    const guarded = async () => {
      // Whoever had the lock before may have died meanwhile, over other stores.
      const isCovered = storesOf(await readJournal(stateDir)).every((path) => ours.has(storeLockName(path)));
      return isCovered ? { value: await run() } : undefined;
    };
    const outcome = await names.reduceRight((inner, name) => () => locks.withLock(name, inner, lock), guarded)();
    if (outcome !== undefined) return outcome.value;
  }
}

/**
 * Whether a committed transaction has yet to put a store in its place. For who holds the store's lock: whoever committed it
 * has died or failed, and what is read there now is over.
 */
export async function isLeftPending(stateDir: string, realPath: string): Promise<boolean> {
  const journal = await readJournal(stateDir);
  return journal?.phase === "committed" && journal.files.some(({ path }) => path === realPath);
}

function storesOf(journal: Journal | undefined): readonly string[] {
  return (journal?.files ?? []).flatMap(({ path, isStore }) => (isStore || isStorePath(path) ? [path] : []));
}
