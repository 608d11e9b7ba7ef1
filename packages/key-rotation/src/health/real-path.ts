import { readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

/** As many as the system follows. */
const MOST_LINKS = 40;

/**
 * Where a file really is, links followed, also the last and also to a file that does not exist yet: all who share it
 * through links agree on this path.
 *
 * @throws {Error} the system's error, such as `ELOOP` or `EACCES`.
 */
export async function realPathOf(path: string, linksLeft: number = MOST_LINKS): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || linksLeft === 0) throw error;
  }
  const target = await readlink(path).catch(() => undefined);
  if (target !== undefined) return realPathOf(resolve(dirname(path), target), linksLeft - 1);
  const folder = dirname(resolve(path));
  return folder === resolve(path) ? folder : join(await realPathOf(folder, linksLeft), basename(path));
}

/** The errno of a system error, such as `EACCES`. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
