import type { Stats } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SecretsError, type SecretsErrorCode } from "./errors.ts";

/** Whose files count as ours, and the code of what is thrown when a path is not safe. */
export interface TrustedPathOptions {
  /** User id. Without one (Windows) ownership cannot be checked, and every path is refused. */
  readonly uid: number | undefined;
  readonly code: SecretsErrorCode;
}

const MOST_LINKS = 40;

/**
 * Follows a folder's path name by name, as the system does, and returns where it really is. Nobody but us
 * and root can have put anything on the way: each folder, of the path and of the links in it, is owned by
 * us or root and is not writable by others. A sticky folder of root's, such as `/tmp`, may be on the way,
 * but may not be the folder itself.
 *
 * @throws {SecretsError} `options.code`, naming the first part of the path that breaks this.
 */
export async function followTrustedFolder(folder: string, options: TrustedPathOptions): Promise<string> {
  let current = "/";
  let links = 0;
  checkFolder(current, await look(current, options), options);
  for (let names = folder.split("/"); names.length > 0;) {
    const [name = "", ...rest] = names;
    names = rest;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      current = dirname(current);
      continue;
    }
    const path = join(current, name);
    const stats = await look(path, options);
    if (stats.isSymbolicLink()) {
      checkOwner(path, stats, options);
      links += 1;
      if (links > MOST_LINKS) throw new SecretsError(options.code, `${folder} goes through too many links`);
      const target = await readlink(path);
      if (target.startsWith("/")) current = "/";
      names = [...target.split("/"), ...rest];
    } else {
      checkFolder(path, stats, options);
      current = path;
    }
  }
  const { mode } = await look(current, options);
  if ((mode & 0o022) !== 0) {
    throw new SecretsError(options.code, `the folder ${current} is open to everybody`, {
      hint: "move the file into a folder of its own that only you can write to",
    });
  }
  return current;
}

/** @throws {SecretsError} `options.code` unless the file is owned by us or root. */
export function checkOwner(path: string, stats: Pick<Stats, "uid">, options: TrustedPathOptions): void {
  if (options.uid === undefined) {
    throw new SecretsError(options.code, `the owner of ${path} cannot be checked on this system`, {
      hint: "set allowInsecurePath: true on the provider if the path is protected otherwise",
    });
  }
  if (stats.uid === options.uid || stats.uid === 0) return;
  throw new SecretsError(options.code, `${path} belongs to another user (uid ${stats.uid})`, { hint: `chown ${options.uid} ${path}` });
}

function checkFolder(path: string, stats: Stats, options: TrustedPathOptions): void {
  if (!stats.isDirectory()) throw new SecretsError(options.code, `${path} is not a folder`);
  checkOwner(path, stats, options);
  const isWritableByOthers = (stats.mode & 0o022) !== 0;
  const isStickyOfRoot = (stats.mode & 0o1000) !== 0 && stats.uid === 0;
  if (!isWritableByOthers || isStickyOfRoot) return;
  throw new SecretsError(options.code, `the folder ${path} is writable by others`, { hint: `chmod go-w ${path}` });
}

async function look(path: string, options: TrustedPathOptions): Promise<Stats> {
  try {
    return await lstat(path);
  } catch (cause) {
    throw new SecretsError(options.code, `${path} cannot be found or read`, { cause });
  }
}
