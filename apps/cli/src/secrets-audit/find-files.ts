import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { UnsearchedFile } from "./audit-types.ts";
import type { SearchRoot } from "./search-roots.ts";

/** A file to look into, or why one, or a folder, is not. */
export type FoundFile = { readonly file: string } | UnsearchedFile;

/**
 * Every regular file of a root, in the order of their names. No link, pipe or device is followed or opened,
 * and none of the folders in `skip` (by {@link identityOf}) is entered. A folder that cannot be read is said.
 */
export async function* findFiles(root: SearchRoot, skip: ReadonlySet<string>): AsyncIterable<FoundFile> {
  yield* below(root, { within: "", level: 0 }, skip);
}

interface Place {
  /** A folder, by its path within the root. */
  readonly within: string;
  /** How far it is below the root. */
  readonly level: number;
}

async function* below(root: SearchRoot, { within, level }: Place, skip: ReadonlySet<string>): AsyncIterable<FoundFile> {
  const folder = join(root.folder, within);
  const identity = await identityOf(folder);
  if (identity === undefined || skip.has(identity)) return;
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => errnoOf(error));
  if (typeof entries === "string") {
    if (entries !== "ENOENT" && entries !== "ENOTDIR") yield { file: folder, reason: `the folder cannot be read (${entries})` };
    return;
  }
  for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = join(within, entry.name);
    if (!root.wants(path)) continue;
    if (entry.isFile()) yield { file: join(root.folder, path) };
    if (!entry.isDirectory()) continue;
    if (level < root.depth) yield* below(root, { within: path, level: level + 1 }, skip);
    else if (root.depth > 1) yield { file: join(root.folder, path), reason: "the folder lies too deep" };
  }
}

/** What tells a file or folder from every other, whatever path leads to it. `undefined` where nothing is. */
export async function identityOf(path: string): Promise<string | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats && `${stats.dev}:${stats.ino}`;
}

/** The errno of a system error. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
