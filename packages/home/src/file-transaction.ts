import { randomBytes } from "node:crypto";
import { rename } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { readPrivateFile, SecretsError, writePrivateFile, type LockOptions } from "@openclaw/secrets";
import { HomeError } from "./errors.ts";
import { realPath, removeIfThere, syncFolder } from "./file-transaction/folder.ts";
import {
  halfWritten,
  journalPath,
  preparedPath,
  readJournal,
  removeHalfWritten,
  removeJournal,
  writeJournal,
  type Journal,
} from "./file-transaction/journal.ts";
import { digestOf, MAX_FILE_BYTES, readProgress, type Progress } from "./file-transaction/progress.ts";
import { isStorePath, withTransactionLock } from "./file-transaction/transaction-lock.ts";

/** One file of a transaction. */
export interface FileChange {
  /** Absolute. Where it is a link, the file it leads to is replaced and the link stays. */
  readonly path: string;
  /** `undefined` deletes the file. */
  readonly content: string | undefined;
  /** The bytes the change was made from; `undefined` when there was no file. */
  readonly expected: Buffer | undefined;
}

/** What a transaction is given. */
export interface FileTransactionOptions {
  readonly stateDir: string;
  readonly changes: readonly FileChange[];
  /** How to wait for another transaction, and for who changes a store. */
  readonly lock?: LockOptions;
}

/** What became of a transaction that somebody left unfinished. */
export interface FinishedTransaction {
  /** There was none; it was committed and is complete now; it was not, and is gone without a trace. */
  readonly outcome: "none" | "completed" | "discarded";
  /** The files it was about. */
  readonly paths: readonly string[];
}

/**
 * Changes several files so that at every moment, also after `kill -9` or a power cut, all of them count as old or
 * all as new. New files have mode 0600. First completes what a dead transaction left. Nothing keeps the old content.
 *
 * Under a lock, and those of the stores (`auth-profiles.json`) among the files: the new contents are written beside
 * their targets; the journal, which holds paths and digests, is marked committed, and that is the moment; then each is
 * renamed over its target. Who reads between the two uses {@link readCommitted}. Writers that do not take part call
 * {@link finishFileTransaction} before they read what they change. Not to be called by who holds the lock of a store.
 *
 * @returns the real paths of the files that were changed; those that had that content already are not among them.
 * @throws {HomeError} `file-changed` when a file is not as expected, `file-refused`, `journal-refused`, `transaction-conflict`:
 * nothing was changed. `transaction-unfinished`: decided, but the system refused the rest; the next transaction goes on with it.
 * @throws {SecretsError} `lock-timeout`, `file-write-failed`, ...: nothing was changed.
 */
export async function applyFileTransaction({ stateDir, changes, lock }: FileTransactionOptions): Promise<readonly string[]> {
  const state = resolve(stateDir);
  const targets = targetsOf(changes);
  const stores = targets.filter(({ isStore }) => isStore).map(({ path }) => path);
  return withTransactionLock({ stateDir: state, stores, lock }, async () => {
    await finish(state);
    await requireExpected(targets);
    const changed = targets.filter(({ before, after }) => before !== after);
    if (changed.length > 0) await commit(state, changed);
    return changed.map(({ path }) => path);
  });
}

/**
 * Completes a transaction that was committed and not finished, and removes what one left that never was committed.
 * Any number of times, by any number of processes. Writes nothing when there is nothing to do. Not to be called by who
 * holds the lock of a store.
 *
 * @throws {HomeError} `transaction-conflict` when somebody has changed one of the files since; nothing is lost, and nothing was
 * changed now. `journal-refused`; `transaction-unfinished`.
 */
export async function finishFileTransaction(stateDir: string, lock?: LockOptions): Promise<FinishedTransaction> {
  const state = resolve(stateDir);
  const isClean = (await readJournal(state)) === undefined && (await halfWritten(journalPath(state))).length === 0;
  return isClean ? { outcome: "none", paths: [] } : withTransactionLock({ stateDir: state, stores: [], lock }, () => finish(state));
}

interface Target {
  readonly path: string;
  readonly content: string | undefined;
  readonly before: string | null;
  readonly after: string | null;
  readonly isStore: boolean;
}

async function commit(stateDir: string, targets: readonly Target[]): Promise<void> {
  const files = targets.map(({ path, before, after, isStore }) => ({ path, before, after, ...(isStore && { isStore }) }));
  const journal: Journal = { version: 1, id: randomBytes(8).toString("hex"), phase: "preparing", files };
  try {
    await writeJournal(stateDir, journal);
    for (const [index, target] of targets.entries()) {
      if (target.content !== undefined) await writePrivateFile(preparedPath(journal, index, target), target.content);
    }
    // Once more, for somebody may write without a lock: what is changed from now on is seen before each rename.
    await requireExpected(targets);
    await writeJournal(stateDir, { ...journal, phase: "committed" });
  } catch (error) {
    await discard(stateDir, journal).catch(() => undefined); // The first error is the one to tell.
    throw error;
  }
  await complete(stateDir, await unfinishedIfFails(stateDir, () => readProgress(journal)));
}

/** Takes up what a dead transaction left. */
async function finish(stateDir: string): Promise<FinishedTransaction> {
  const journal = await readJournal(stateDir);
  await unfinishedIfFails(stateDir, () => removeHalfWritten(journalPath(stateDir)));
  if (journal === undefined) return { outcome: "none", paths: [] };
  const paths = journal.files.map(({ path }) => path);
  const progress = journal.phase === "preparing" ? undefined : await unfinishedIfFails(stateDir, () => readProgress(journal));
  if (progress === undefined || progress.isTakenBack) {
    await unfinishedIfFails(stateDir, () => discard(stateDir, journal));
    return { outcome: "discarded", paths };
  }
  await complete(stateDir, progress);
  return { outcome: "completed", paths };
}

/** Puts every new content in its place. All are looked at before the first is moved. */
async function complete(stateDir: string, { files }: Progress): Promise<void> {
  const foreign = files.find(({ progress }) => progress === "changed" || progress === "lost");
  if (foreign !== undefined) throw conflict(foreign);
  await unfinishedIfFails(stateDir, async () => {
    for (const { path, prepared, after, progress } of files) {
      if (progress === "placed") await removeIfThere(prepared);
      else if (after === null) await removeIfThere(path);
      else await rename(prepared, path);
    }
    // Also those that a dead one renamed: it may not have come to this.
    await syncFolders(files);
    await removeJournal(stateDir);
  });
}

/** Removes what was prepared, then the journal: as long as anything is left, something tells of it. */
async function discard(stateDir: string, journal: Journal): Promise<void> {
  for (const [index, file] of journal.files.entries()) {
    const prepared = preparedPath(journal, index, file);
    await removeIfThere(prepared);
    await removeHalfWritten(prepared);
  }
  await syncFolders(journal.files);
  await removeJournal(stateDir);
}

async function syncFolders(files: readonly { readonly path: string }[]): Promise<void> {
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) await syncFolder(folder);
}

/** The real files. Two names of one file are one target, when they agree. */
function targetsOf(changes: readonly FileChange[]): readonly Target[] {
  const targets = new Map<string, Target>();
  for (const { path: name, content, expected } of changes) {
    if (!isAbsolute(name)) throw new HomeError("file-refused", `${name} is not an absolute path`);
    const path = realPath(name);
    const after = digestOf(content === undefined ? undefined : Buffer.from(content));
    const other = targets.get(path);
    const isStore = [name, path].some(isStorePath) || other?.isStore === true;
    const target: Target = { path, content, before: digestOf(expected), after, isStore };
    if (other !== undefined && (other.after !== target.after || other.before !== target.before)) {
      throw new HomeError("file-refused", `${path} would be changed in two ways, once as ${name}`, {
        hint: "it is shared by a link: change it once",
      });
    }
    targets.set(path, target);
  }
  return [...targets.values()];
}

async function requireExpected(targets: readonly Target[]): Promise<void> {
  for (const { path, before } of targets) {
    const current = digestOf(await readTarget(path));
    if (current === before) continue;
    throw new HomeError("file-changed", `${path} was changed by somebody else meanwhile; nothing was written`, {
      hint: "run the command again",
    });
  }
}

async function readTarget(path: string): Promise<Buffer | undefined> {
  try {
    return await readPrivateFile(path, { maxBytes: MAX_FILE_BYTES });
  } catch (error) {
    if (!(error instanceof SecretsError && (error.code === "file-is-link" || error.code === "file-refused"))) throw error;
    throw new HomeError("file-refused", `${error.message}; nothing was written`, { cause: error });
  }
}

function conflict({ path, prepared, progress }: Progress["files"][number]): HomeError {
  const message = `An unfinished "secrets apply" has yet to change ${path}`;
  return progress === "lost"
    ? new HomeError("transaction-conflict", `${message}, but ${prepared}, which it prepared, is gone`, {
        hint: "put that file back from a backup",
      })
    : new HomeError("transaction-conflict", `${message}, which was edited since. Neither version is lost`, {
        hint: `move your version out of the way, run the command again, then merge yours back: mv '${path}' '${path}.mine'`,
      });
}

async function unfinishedIfFails<T>(stateDir: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new HomeError(
      "transaction-unfinished",
      `"secrets apply" cannot be finished (${reason}); ${journalPath(stateDir)} says what is left`,
      {
        cause: error,
        hint: "make its files writable and run the command again: it goes on where it stopped",
      },
    );
  }
}
