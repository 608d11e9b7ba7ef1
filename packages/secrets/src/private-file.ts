import { constants } from "node:fs";
import { link, open, readlink, realpath, rename, unlink, type FileHandle } from "node:fs/promises";
import { constants as systemConstants } from "node:os";
import { basename, dirname, join } from "node:path";
import { errnoOf } from "./errno-of.ts";
import { SecretsError, type SecretsErrorCode } from "./errors.ts";
import { sweepOrphans, temporaryName } from "./orphans.ts";
import { ownUid } from "./own-process.ts";
import { lstatIfThere, prepareTrustedFolder } from "./trusted-folder.ts";

/** How {@link writePrivateFile} treats a link in the target's place. */
export interface WritePrivateFileOptions {
  /** Replace the file the link leads to, in its own folder. Without it a link is refused: a rename would put a file in its place. */
  readonly followLink?: boolean;
}

/** What {@link readPrivateFile} accepts. */
export interface ReadPrivateFileOptions {
  /** A larger file is refused, and no more than this is read of it. */
  readonly maxBytes: number;
  /** Read what a link leads to. Without it a link is refused. */
  readonly followLink?: boolean;
  /** Refuse a file that belongs to another user. */
  readonly mustBeOwned?: boolean;
  /** Refuse a file that its group or others have any right to. */
  readonly mustBePrivate?: boolean;
}

/**
 * Writes a file only its owner can read, whatever the umask: a new file of mode 0600 in the same folder,
 * fsynced, then renamed over the target, then the folder is fsynced. After a crash the target is whole,
 * old or new. The folder is made with mode 0700 if it is missing. What writers that died before left
 * behind for the same target is removed.
 *
 * @throws {SecretsError} `file-is-link`, `file-refused` (not a regular file) or `folder-refused` before anything is
 * written; `file-write-failed`, which names the step and the path, with the old content in place. Only
 * when the last step, the fsync of the folder, failed is the new content there, though it may not survive a power cut.
 */
export async function writePrivateFile(path: string, content: string | Uint8Array, options: WritePrivateFileOptions = {}): Promise<void> {
  const target = await replaceable(path, options);
  await placeWith(target, content, (temporary) => writing("rename onto", target, () => rename(temporary, target)));
}

/**
 * Like {@link writePrivateFile}, but only where nothing is there yet. Of several processes that try
 * at once exactly one succeeds.
 *
 * @throws {SecretsError} `file-exists` when something is there already; else as {@link writePrivateFile}.
 */
export async function createPrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  await placeWith(path, content, async (temporary) => {
    try {
      await link(temporary, path);
    } catch (error) {
      if (errnoOf(error) === "EEXIST") throw new SecretsError("file-exists", `${path} already exists`, { cause: error });
      throw failed("file-write-failed", "link to", path, error);
    }
    await writing("remove", temporary, () => unlink(temporary));
  });
}

/**
 * Like {@link createPrivateFile}, and leaves a file that is there already as it is: whoever was first decides. A disk that is full,
 * or a folder that may only be read, is no obstacle then.
 */
export async function ensurePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await createPrivateFile(path, content);
  } catch (error) {
    if (error instanceof SecretsError && error.code === "file-exists") return;
    if (error instanceof SecretsError && error.code === "file-write-failed" && (await lstatIfThere(path).catch(() => undefined))) return;
    throw error;
  }
}

/**
 * Reads a regular file of bounded size. What is checked is what was opened, so nothing can be swapped
 * between the check and the reading. `undefined` when there is no file.
 *
 * @throws {SecretsError} `file-is-link`, `file-refused` or `file-unreadable`, naming the path and never the content.
 */
export async function readPrivateFile(path: string, options: ReadPrivateFileOptions): Promise<Buffer | undefined> {
  const linkFlag = options.followLink ? 0 : constants.O_NOFOLLOW;
  let file: FileHandle;
  try {
    // O_NONBLOCK: the opening of a FIFO must not wait for somebody to write to it.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | linkFlag);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    if (errnoOf(error) === "ELOOP" && !options.followLink) throw new SecretsError("file-is-link", `${path} is a link`, { cause: error });
    throw failed("file-unreadable", "open", path, error);
  }
  try {
    const stats = await file.stat();
    const uid = ownUid();
    if (!stats.isFile()) throw new SecretsError("file-refused", `${path} is not a regular file`);
    if (options.mustBeOwned && uid !== undefined && stats.uid !== uid) {
      throw new SecretsError("file-refused", `${path} belongs to another user`);
    }
    if (options.mustBePrivate && uid !== undefined && (stats.mode & 0o077) !== 0) {
      throw new SecretsError("file-refused", `${path} permissions are too open`, { hint: `chmod 600 '${path}'` });
    }
    return await readUpTo(file, path, options.maxBytes);
  } catch (error) {
    throw error instanceof SecretsError ? error : failed("file-unreadable", "read", path, error);
  } finally {
    await file.close();
  }
}

async function readUpTo(file: FileHandle, path: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let total = 0; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(65_536, maxBytes + 1 - total)));
    if (bytesRead === 0) return Buffer.concat(chunks, total);
    total += bytesRead;
    if (total > maxBytes) throw new SecretsError("file-refused", `${path} is larger than ${maxBytes} bytes`);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

/** The file to replace: nothing yet, a regular file, or what a link leads to when links are followed. */
async function replaceable(path: string, options: WritePrivateFileOptions): Promise<string> {
  const stats = await writing("look at", path, () => lstatIfThere(path));
  if (stats === undefined || stats.isFile()) return path;
  if (!stats.isSymbolicLink()) throw new SecretsError("file-refused", `${path} is not a regular file`);
  if (options.followLink) return replaceable(await writing("follow the link", path, () => realpath(path)), {});
  const end = await writing("read the link", path, () => readlink(path));
  throw new SecretsError("file-is-link", `${path} is a link to ${end}, which a file would take the place of`);
}

async function placeWith(target: string, content: string | Uint8Array, place: (temporary: string) => Promise<void>): Promise<void> {
  const folder = dirname(target);
  await writing("use the folder of", target, () => prepareTrustedFolder(folder));
  const temporary = join(folder, temporaryName(basename(target)));
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await writing("create", temporary, () => open(temporary, flags, 0o600));
  try {
    try {
      await writing("set the mode of", temporary, () => file.chmod(0o600));
      // The age of orphans is told by the clock of the file system, which is that of the new file.
      const { mtimeMs } = await writing("look at", temporary, () => file.stat());
      await sweepOrphans(target, mtimeMs);
      await writing("write", temporary, () => writeAll(file, Buffer.from(content)));
      await writing("fsync", temporary, () => file.sync());
    } finally {
      await writing("close", temporary, () => file.close());
    }
    await place(temporary);
  } catch (error) {
    await unlink(temporary).catch(() => undefined); // The first error is the one to tell.
    throw error;
  }
  await syncFolder(folder);
}

/** At positions: a short write is continued where it ended, so that the error that cut it short is seen. */
async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done, bytes.length - done, done)).bytesWritten;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await writing("open", folder, () => open(folder, constants.O_RDONLY));
  try {
    await writing("fsync", folder, () => handle.sync());
  } finally {
    await handle.close();
  }
}

async function writing<T>(operation: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof SecretsError ? error : failed("file-write-failed", operation, path, error);
  }
}

function failed(code: SecretsErrorCode, operation: string, path: string, cause: unknown): SecretsError {
  return new SecretsError(code, `Cannot ${operation} ${path}: ${errnoName(cause)}`, { cause });
}

/** Node has no name for some, a full quota among them; the system has. */
function errnoName(error: unknown): string {
  if (!(error instanceof Error) || !("errno" in error)) return "unknown error";
  const found = Object.entries(systemConstants.errno).find(([, number]) => number === Math.abs(Number(error.errno)));
  return found?.[0] ?? `errno ${String(error.errno)}`;
}
