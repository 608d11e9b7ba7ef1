import type { Stats } from "node:fs";
import { lstat, mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { SecretsError } from "./errors.ts";
import { walkFolder, type FolderProblem, type FolderRule, type FolderStats } from "./folder-walk.ts";
import { ownUid } from "./own-process.ts";

/**
 * Makes a folder to write to (mode 0700, its missing parents too) where nobody but us and root can swap what
 * is in it, as {@link walkFolder} finds out. A group with the number of its owner is the owner's own (Ubuntu's
 * umask 002). Root may work in anyone's folder. Where the system has no user ids nothing is checked.
 *
 * @throws {SecretsError} `folder-refused`, naming the folder and the rule; the system's error when it cannot be made or looked at.
 */
export async function prepareTrustedFolder(folder: string): Promise<void> {
  const [path, rule] = [resolve(folder), writeRule(ownUid())];
  if ((await walkFolder(path, rule)) !== undefined) return;
  await mkdir(path, { recursive: true, mode: 0o700 });
  // Somebody may have been faster in a sticky folder.
  await walkFolder(path, rule);
}

/**
 * What may be on the way to what is written.
 *
 * @internal
 */
export function writeRule(uid: number | undefined): FolderRule {
  return {
    look: lstatIfThere,
    trusts: (owner) => uid === undefined || uid === 0 || owner === uid || owner === 0,
    forbiddenBits: (folder) => (uid === undefined ? 0 : folder.uid === folder.gid ? 0o002 : 0o022),
    refuse: refused,
  };
}

const SAYS: Readonly<Record<FolderProblem, string>> = {
  "is-no-folder": "is not a folder",
  "belongs-to-another": "belongs to another user",
  "is-writable-by-others": "is writable by other users",
  "goes-through-too-many-links": "is part of a chain of links without end",
};

function refused(problem: FolderProblem, path: string, { mode }: FolderStats): SecretsError {
  const message = `Private files cannot be kept there: ${path} ${SAYS[problem]}`;
  if (problem !== "is-writable-by-others") return new SecretsError("folder-refused", message);
  // A shared folder such as /tmp is not to be made private: the file has to go elsewhere.
  const isShared = (mode & 0o1000) !== 0;
  return new SecretsError("folder-refused", message, { hint: isShared ? "use a folder of your own" : `chmod go-w '${path}'` });
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
