import { readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { errnoOf } from "./errno-of.ts";

/** As many as the system follows. */
const MOST_LINKS = 40;

/**
 * Where a file really is, links followed, also the last and also to a file that does not exist yet: all who share it
 * through links agree on this path, so it names their lock.
 *
 * @throws {Error} the system's error, such as `ELOOP` or `EACCES`.
 */
export async function realFilePath(path: string): Promise<string> {
  return follow(path, MOST_LINKS);
}

async function follow(path: string, linksLeft: number): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || linksLeft === 0) throw error;
  }
  const target = await readlink(path).catch(() => undefined);
  if (target !== undefined) return follow(resolve(dirname(path), target), linksLeft - 1);
  const folder = dirname(resolve(path));
  return folder === resolve(path) ? folder : join(await follow(folder, linksLeft), basename(path));
}
