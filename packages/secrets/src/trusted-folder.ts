import type { Stats } from "node:fs";
import { lstat, mkdir, readlink, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, parse, resolve, sep } from "node:path";
import { SecretsError } from "./errors.ts";
import { ownUid } from "./own-process.ts";

/** As many links as the kernel follows. */
const MAX_LINKS = 40;

const WRITABLE = "is writable by other users";

/**
 * Makes a folder (mode 0700, its missing parents too) where nobody but us and root can swap what is
 * in it: it and every folder and link on the way belong to us or root and are writable by no one else.
 * A root-owned sticky folder such as `/tmp` may stand on the way, but not be the folder itself. A group
 * with the number of its owner is the owner's own (Ubuntu's umask 002). Root may work in anyone's folder.
 *
 * @throws {SecretsError} `folder-refused`, naming the folder and the rule; the system's error when it cannot be made or looked at.
 */
export async function prepareTrustedFolder(folder: string): Promise<void> {
  if (await isTrustedFolder(folder)) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Somebody may have been faster in a sticky folder.
  await isTrustedFolder(folder);
}

/**
 * Which rule a folder on the way breaks, if any.
 *
 * @internal
 */
export function folderProblem(
  stats: Pick<Stats, "uid" | "gid" | "mode"> & { isDirectory(): boolean },
  isTheFolderItself: boolean,
  uid: number,
): string | undefined {
  if (!stats.isDirectory()) return "is not a folder";
  if (isForeign(stats.uid, uid)) return "belongs to another user";
  const isSticky = stats.uid === 0 && (stats.mode & 0o1000) !== 0;
  if (isSticky && !isTheFolderItself) return undefined;
  const others = stats.uid === stats.gid ? 0o002 : 0o022;
  return (stats.mode & others) === 0 ? undefined : WRITABLE;
}

/** Walks the path link by link; `false` when part of it is not there yet. */
async function isTrustedFolder(folder: string): Promise<boolean> {
  const uid = ownUid();
  const start = parse(resolve(folder)).root;
  const pending = resolve(folder).slice(start.length).split(sep).filter(Boolean);
  let at = start;
  let links = 0;
  while (pending.length > 0) {
    const name = pending.shift() ?? "";
    if (name === "..") {
      at = dirname(at);
      continue;
    }
    requireTrusted(at, await stat(at), false, uid);
    const next = join(at, name);
    const stats = await lstatIfThere(next);
    if (stats === undefined) return false;
    if (stats.isSymbolicLink()) {
      if (uid !== undefined && isForeign(stats.uid, uid)) throw unsafe(next, "is a link of another user");
      if (++links > MAX_LINKS) throw unsafe(next, "is part of a chain of links without end");
      const target = await readlink(next);
      if (isAbsolute(target)) at = start;
      pending.unshift(...target.split(sep).filter((part) => part !== "" && part !== "."));
    } else {
      at = next;
    }
  }
  requireTrusted(at, await stat(at), true, uid);
  return true;
}

function requireTrusted(folder: string, stats: Stats, isTheFolderItself: boolean, uid: number | undefined): void {
  const problem = uid === undefined ? undefined : folderProblem(stats, isTheFolderItself, uid);
  if (problem === undefined) return;
  // A shared folder such as /tmp is not to be made private: the file has to go elsewhere.
  const isShared = (stats.mode & 0o1000) !== 0;
  throw unsafe(folder, problem, problem !== WRITABLE ? undefined : isShared ? "use a folder of your own" : `chmod go-w '${folder}'`);
}

function isForeign(owner: number, uid: number): boolean {
  return owner !== uid && owner !== 0 && uid !== 0;
}

function unsafe(folder: string, problem: string, hint?: string): SecretsError {
  return new SecretsError("folder-refused", `Private files cannot be kept there: ${folder} ${problem}`, hint === undefined ? {} : { hint });
}

/** What stands at a path, links not followed. */
export async function lstatIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return undefined;
    throw error;
  }
}
