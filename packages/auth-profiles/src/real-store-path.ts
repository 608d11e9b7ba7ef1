import { createHash } from "node:crypto";
import { readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { errnoOf } from "./read-bounded.ts";

/** As many as the system follows. */
const MOST_LINKS = 40;

/**
 * Where a store really is, links followed, also the last and also to a file that does not exist yet. All who
 * share a store through links agree on this path, so it names their lock.
 *
 * @throws {Error} the system's error, such as `ELOOP` or `EACCES`.
 */
export async function realStorePath(path: string, linksLeft: number = MOST_LINKS): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || linksLeft === 0) throw error;
  }
  const target = await readlink(path).catch(() => undefined);
  if (target !== undefined) return realStorePath(resolve(dirname(path), target), linksLeft - 1);
  const folder = dirname(resolve(path));
  return folder === resolve(path) ? folder : join(await realStorePath(folder, linksLeft), basename(path));
}

/**
 * The name under which writers of a store lock it, in the lock folder: part of the protocol other tools
 * join by (README).
 *
 * @param realPath The store's absolute path with all links followed.
 */
export function storeLockName(realPath: string): string {
  return `store-${createHash("sha256").update(realPath).digest("hex")}`;
}
