import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, mkdir, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SecretsError } from "./errors.ts";

/**
 * Writes a file only its owner can read: a new file of mode 0600 in the same folder, fsynced, then
 * renamed over the target, then the folder is fsynced. After a crash the target is whole, old or new.
 * A link in the target's place is replaced, not written through. The folder is made with mode 0700 if
 * it is missing.
 */
export async function writePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  await placeWith(path, content, rename);
}

/**
 * Like {@link writePrivateFile}, but only where nothing is there yet. Of several processes that try
 * at once exactly one succeeds.
 *
 * @throws {SecretsError} `file-exists` when something is there already.
 */
export async function createPrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  await placeWith(path, content, async (temporary, target) => {
    try {
      await link(temporary, target);
    } catch (error) {
      if (isErrno(error, "EEXIST")) throw new SecretsError("file-exists", `${target} already exists`, { cause: error });
      throw error;
    } finally {
      await unlink(temporary);
    }
  });
}

async function placeWith(
  path: string,
  content: string | Uint8Array,
  place: (temporary: string, target: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(temporary, flags, 0o600);
  try {
    try {
      await file.chmod(0o600);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
