import { SecretsError, writePrivateFile, type LockFolder } from "@openclaw/secrets";
import { chown, stat } from "node:fs/promises";
import { AuthProfileError } from "./errors.ts";
import type { JsonObject } from "./json-tree.ts";
import type { LegacyProfile } from "./legacy-stores.ts";
import type { NormalizeProvider } from "./normalize-provider.ts";
import { parseJsonFileAsTree } from "./parse-json-file.ts";
import { storeLockName } from "./store-lock-name.ts";
import { openStoreDraft, type StoreDraft } from "./store-draft.ts";
import type { AuthStore } from "./store.ts";

/** How long one waits for other writers. */
export interface UpdateOptions {
  /** Ends the waiting, not the change. */
  readonly signal?: AbortSignal;
  /** 30 s unless given. */
  readonly timeoutMs?: number;
}

/** What is read once the lock is held. */
interface FreshRead {
  /** `undefined` where there is no file. */
  readonly bytes: Buffer | undefined;
  readonly legacy: readonly LegacyProfile[];
  readonly view: (json: unknown) => AuthStore;
}

export interface StoreUpdate<T> {
  /** Links are followed by now. */
  readonly realPath: string;
  readonly locks: LockFolder;
  readonly normalizeProvider: NormalizeProvider;
  readonly read: () => Promise<FreshRead>;
  readonly change: (draft: StoreDraft) => T | Promise<T>;
  readonly waiting: UpdateOptions;
}

/** One exclusive change of a store's file: lock, fresh read, change, fsync, rename. */
export async function updateStoreFile<T>({ realPath, locks, normalizeProvider, read, change, waiting }: StoreUpdate<T>): Promise<T> {
  let isLocked = false;
  try {
    return await locks.withLock(
      storeLockName(realPath),
      async () => {
        isLocked = true;
        const { bytes, legacy, view } = await read();
        const tree = bytes && storeTree(realPath, bytes);
        const { draft, finish } = openStoreDraft({ path: realPath, tree, legacy, normalizeProvider, view });
        const result = await change(draft);
        const text = finish();
        if (text !== undefined) await replace(realPath, text);
        return result;
      },
      waiting,
    );
  } catch (error) {
    const isLockBroken = !isLocked && error instanceof SecretsError && (error.code === "lock-failed" || error.code === "folder-refused");
    throw isLockBroken ? storeUnwritable(realPath, error) : error;
  }
}

function storeTree(path: string, bytes: Buffer): JsonObject {
  const tree = parseJsonFileAsTree(path, bytes);
  if (tree.kind !== "object") throw new AuthProfileError("store-malformed", `${path} is not a JSON object`);
  return tree;
}

async function replace(path: string, text: string): Promise<void> {
  const before = await stat(path).catch(() => undefined);
  try {
    await writePrivateFile(path, text);
  } catch (error) {
    throw error instanceof SecretsError ? storeUnwritable(path, error) : error;
  }
  const after = await stat(path).catch(() => undefined);
  // Root wrote to somebody's store, who could not read what root owns. Where root may not give it away, it stays.
  if (before !== undefined && after !== undefined && before.uid !== after.uid) {
    await chown(path, before.uid, before.gid).catch(() => undefined);
  }
}

/** The error for a store that could not be replaced: `store-unwritable` with the step and the path. */
export function storeUnwritable(path: string, cause: SecretsError): AuthProfileError {
  return new AuthProfileError("store-unwritable", `${path} was not changed. ${cause.message}`, {
    cause,
    hint: cause.hint ?? `check that ${path} can be written to, and that the disk is not full`,
  });
}
