import { AsyncLocalStorage } from "node:async_hooks";
import { createHash, randomInt } from "node:crypto";
import { constants } from "node:fs";
import { chmod, realpath, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { systemClock, type Clock } from "./clock.ts";
import { SecretsError } from "./errors.ts";
import { ownMark } from "./own-process.ts";
import { createPrivateFile, readPrivateFile } from "./private-file.ts";
import { loadSqlite } from "./sqlite.ts";
import { lstatIfThere, prepareTrustedFolder } from "./trusted-folder.ts";

/** What a lock folder takes besides its path. */
export interface LockFolderOptions {
  readonly clock?: Clock;
}

/** How one waits for a lock. */
export interface LockOptions {
  /** Ends the waiting; its reason is rethrown as it came. Work under the lock is not ended by it. */
  readonly signal?: AbortSignal;
  /** How long to wait before giving up: 30 s unless given. */
  readonly timeoutMs?: number;
}

/** Locks between all processes of one machine. */
export interface LockFolder {
  /**
   * Runs something while no other process, and no other call in this one, holds the lock of that name.
   * Callers in one process have their turn in the order they came.
   *
   * The kernel releases the lock when its holder dies, and only then: a holder that is stopped or slow is
   * waited for. Taking a lock again from inside is an error and not a deadlock. Who needs two locks takes
   * the narrower first (the account that is refreshed, then the store it is kept in); two that disagree
   * about the order end in `lock-timeout`.
   *
   * @throws {SecretsError} `lock-timeout`, `lock-reentered` or `lock-failed`; and whatever `run` throws.
   */
  withLock<T>(name: string, run: () => Promise<T>, options?: LockOptions): Promise<T>;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const SHORTEST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 50;
const SQLITE_BUSY = 5;
const MAX_HOLDER_BYTES = 4096;

/** A held lock, as seen by the code that runs under it. */
interface Held {
  readonly key: string;
  isReleased: boolean;
}

/**
 * Who waits in this process, first the one whose turn it is, for each lock. It belongs to the process: a
 * lock file must not be open twice in it, because closing one handle drops the lock of the other.
 */
const queues = new Map<string, PromiseWithResolvers<void>[]>();
const heldHere = new AsyncLocalStorage<readonly Held[]>();

/**
 * Locks in a folder of their own (`<state>/locks`), made with mode 0700 when the first is taken. Each is an
 * empty SQLite file of mode 0600, named by a digest so that any name is a safe one, locked by an exclusive
 * transaction and never deleted. Beside it a plain file says who holds it. Nothing else may open files of that folder.
 *
 * @example
 * const locks = createLockFolder("/home/me/.openclaw/locks");
 * await locks.withLock("refresh anthropic:work", () => refresh());
 */
export function createLockFolder(folder: string, { clock = systemClock }: LockFolderOptions = {}): LockFolder {
  let preparing: Promise<string> | undefined;

  async function prepared(): Promise<string> {
    // One promise for all who come, so that they go on in the order they came.
    preparing ??= prepareLockFolder(folder);
    try {
      return await preparing;
    } catch (error) {
      preparing = undefined;
      throw error;
    }
  }

  return {
    async withLock(name, run, { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      signal?.throwIfAborted();
      const path = join(await prepared(), createHash("sha256").update(name).digest("hex").slice(0, 40));
      const lock: Lock = { name, path: `${path}.lock`, holderPath: `${path}.holder` };
      const outer = heldHere.getStore() ?? [];
      if (outer.some((held) => held.key === lock.path && !held.isReleased)) {
        throw new SecretsError("lock-reentered", `The lock "${name}" is taken again by work that runs under it`);
      }
      const release = await waitFor(lock, timeoutMs, clock, signal);
      const held: Held = { key: lock.path, isReleased: false };
      try {
        return await heldHere.run([...outer, held], run);
      } finally {
        held.isReleased = true;
        await release();
      }
    },
  };
}

interface Lock {
  readonly name: string;
  readonly path: string;
  /** Says who holds the lock. A file of its own: reading the lock file would release it. */
  readonly holderPath: string;
}

/** Waits for the turn within this process, then for the other processes. Hands back what releases the lock. */
async function waitFor(lock: Lock, timeoutMs: number, clock: Clock, signal: AbortSignal | undefined): Promise<() => Promise<void>> {
  const late = new AbortController();
  const waited = new AbortController();
  // A clock that sleeps and not one that is read: it is not moved when somebody sets the time.
  clock.sleep(timeoutMs, waited.signal).then(
    () => late.abort(),
    () => undefined,
  );
  const ending = AbortSignal.any(signal ? [signal, late.signal] : [late.signal]);
  try {
    const endTurn = await waitForTurn(lock.path, ending);
    try {
      const handle = await acquire(lock, clock, ending);
      await announce(lock, clock.now());
      return async () => {
        // Still held here, so it is our own. One that stays is overwritten by the next holder.
        await unlink(lock.holderPath).catch(() => undefined);
        handle.close();
        endTurn();
      };
    } catch (error) {
      endTurn();
      throw error;
    }
  } catch (error) {
    throw late.signal.aborted && error === late.signal.reason ? await timeoutError(lock, timeoutMs) : error;
  } finally {
    waited.abort();
  }
}

/** Resolves, with what ends the turn, when all who came before in this process are done. */
async function waitForTurn(key: string, signal: AbortSignal): Promise<() => void> {
  const queue = queues.get(key) ?? [];
  queues.set(key, queue);
  const turn = Promise.withResolvers<void>();
  queue.push(turn);
  const leave = () => {
    queue.splice(queue.indexOf(turn), 1);
    queue[0]?.resolve();
    if (queue.length === 0) queues.delete(key);
  };
  if (queue[0] === turn) return leave;
  const onAbort = () => turn.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    await turn.promise;
    return leave;
  } catch (error) {
    leave();
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function acquire(lock: Lock, clock: Clock, signal: AbortSignal): Promise<DatabaseSync> {
  await prepareLockFile(lock);
  const handle = failing(lock, () => new (loadSqlite().DatabaseSync)(lock.path, { timeout: 0 }));
  try {
    for (let pause = SHORTEST_PAUSE_MS; !isTaken(lock, handle); pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      signal.throwIfAborted();
      await clock.sleep((pause * randomInt(500, 1001)) / 1000, signal);
    }
    return handle;
  } catch (error) {
    handle.close();
    throw error;
  }
}

/** Whether the lock is ours now. It asks once and does not wait. */
function isTaken(lock: Lock, handle: DatabaseSync): boolean {
  return failing(lock, () => {
    try {
      // Without a journal in memory SQLite would make a file for it, for nothing: the file stays empty.
      handle.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
      return true;
    } catch (error) {
      if (error instanceof Error && "errcode" in error && Number(error.errcode) % 256 === SQLITE_BUSY) return false;
      throw error;
    }
  });
}

async function prepareLockFolder(folder: string): Promise<string> {
  try {
    await prepareTrustedFolder(folder);
    if (((await stat(folder)).mode & 0o077) !== 0) await chmod(folder, 0o700);
    return await realpath(folder);
  } catch (error) {
    if (error instanceof SecretsError) throw error;
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new SecretsError("lock-failed", `Locks cannot be kept in ${folder}: ${reason}`, {
      cause: error,
      hint: `make ${dirname(folder)} a folder that this user may write to`,
    });
  }
}

/** Makes the lock file elsewhere and links it into place: a lock file that exists is never opened but by SQLite. */
async function prepareLockFile(lock: Lock): Promise<void> {
  const stats = await lstatIfThere(lock.path);
  if (stats === undefined) {
    await createPrivateFile(lock.path, "").catch((error: unknown) => {
      if (!(error instanceof SecretsError && error.code === "file-exists")) throw error;
    });
  } else if (!stats.isFile()) {
    throw new SecretsError("lock-failed", `The lock "${lock.name}" cannot be taken: ${lock.path} is not a regular file`);
  } else if ((stats.mode & 0o077) !== 0) {
    await chmod(lock.path, 0o600);
  }
}

/** Tells those who wait in vain whom they waited for. The lock does not depend on it: where it cannot be written it is missing. */
async function announce(lock: Lock, now: number): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  const content = JSON.stringify({ name: lock.name, pid: ownMark().pid, since: new Date(now).toISOString() });
  await writeFile(lock.holderPath, `${content}\n`, { flag: flags, mode: 0o600 }).catch(() => undefined);
}

async function timeoutError(lock: Lock, timeoutMs: number): Promise<SecretsError> {
  const text = await readPrivateFile(lock.holderPath, { maxBytes: MAX_HOLDER_BYTES }).catch(() => undefined);
  const pid = /"pid":(\d+)/.exec(text?.toString("utf8") ?? "")?.[1];
  const holder = pid === undefined ? "another process" : `process ${pid}`;
  return new SecretsError("lock-timeout", `Waited ${timeoutMs} ms for the lock "${lock.name}", which ${holder} holds`);
}

function failing<T>(lock: Lock, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new SecretsError("lock-failed", `The lock "${lock.name}" cannot be taken: ${lock.path} is not usable`, { cause: error });
  }
}
