import type { Stats } from "node:fs";
import { readlink } from "node:fs/promises";
import { dirname, isAbsolute, join, parse, sep } from "node:path";
import type { SecretsError } from "./errors.ts";

/** Why a folder or link may not be on the way. */
export type FolderProblem = "is-no-folder" | "belongs-to-another" | "is-writable-by-others" | "goes-through-too-many-links";

/** What {@link walkFolder} looks at of a folder. */
export type FolderStats = Pick<Stats, "uid" | "gid" | "mode"> & { isDirectory(): boolean };

/** Who is trusted with the folders on the way to a file. */
export interface FolderRule {
  /** What stands there, links not followed; `undefined` ends the walk. */
  look(path: string): Promise<Stats | undefined>;
  /** Whether what belongs to this user may be on the way. */
  trusts(owner: number): boolean;
  /** The permission bits that no folder on the way may have. */
  forbiddenBits(folder: FolderStats): number;
  refuse(problem: FolderProblem, path: string, stats: FolderStats): SecretsError;
}

/** As many links as the kernel follows. */
const MOST_LINKS = 40;

/**
 * Follows an absolute path name by name, as the system does, and returns where it really is, or `undefined`
 * when part of it is not there. Each folder of the path, and of the links in it, keeps to the rule. A sticky
 * folder of root's, such as `/tmp`, may be on the way whoever can write to it, but not be the folder itself.
 *
 * @throws {SecretsError} as the rule refuses, for the first part of the path that breaks it; what `look` throws.
 */
export async function walkFolder(folder: string, rule: FolderRule): Promise<string | undefined> {
  const { root } = parse(folder);
  const pending = folder.slice(root.length).split(sep);
  let at = root;
  let links = 0;
  let stats = await rule.look(at);
  if (stats !== undefined) checkOnTheWay(at, stats, rule);
  while (pending.length > 0) {
    const name = pending.shift() ?? "";
    if (name === "" || name === ".") continue;
    const path = name === ".." ? dirname(at) : join(at, name);
    stats = await rule.look(path);
    if (stats === undefined) return undefined;
    if (stats.isSymbolicLink()) {
      if (!rule.trusts(stats.uid)) throw rule.refuse("belongs-to-another", path, stats);
      links += 1;
      if (links > MOST_LINKS) throw rule.refuse("goes-through-too-many-links", path, stats);
      const target = await readlink(path);
      if (isAbsolute(target)) at = root;
      pending.unshift(...target.split(sep));
    } else {
      checkOnTheWay(path, stats, rule);
      at = path;
    }
  }
  stats = await rule.look(at);
  if (stats === undefined) return undefined;
  const problem = folderProblem(stats, true, rule);
  if (problem !== undefined) throw rule.refuse(problem, at, stats);
  return at;
}

/**
 * How a folder breaks the rule, if it does.
 *
 * @internal
 */
export function folderProblem(
  stats: FolderStats,
  isTheFolderItself: boolean,
  rule: Pick<FolderRule, "trusts" | "forbiddenBits">,
): FolderProblem | undefined {
  if (!stats.isDirectory()) return "is-no-folder";
  if (!rule.trusts(stats.uid)) return "belongs-to-another";
  const isStickyOfRoot = stats.uid === 0 && (stats.mode & 0o1000) !== 0;
  if (isStickyOfRoot && !isTheFolderItself) return undefined;
  return (stats.mode & rule.forbiddenBits(stats)) === 0 ? undefined : "is-writable-by-others";
}

function checkOnTheWay(path: string, stats: FolderStats, rule: FolderRule): void {
  const problem = folderProblem(stats, false, rule);
  if (problem !== undefined) throw rule.refuse(problem, path, stats);
}
