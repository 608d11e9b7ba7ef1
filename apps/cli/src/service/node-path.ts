import { realpath } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

/** Folders that go away by themselves: fnm makes one for each shell. */
const PASSING = /\/(?:fnm_multishells|_npx)\//u;
/** Where each version of Node has a folder of its own. */
const VERSIONED = /\/(?:\.nvm|nvm|fnm|\.pnpm|\.asdf|asdf|mise|\.volta|\.nodenv|n|Cellar)\/.*\d+\.\d+\.\d+/u;

/**
 * The path by which Node is best named for months: a link on `PATH` to the one that runs, which is moved on by an
 * upgrade, before the file itself, which an upgrade may remove.
 */
export async function lastingNodePath(execPath: string, path: string | undefined): Promise<string> {
  if (!VERSIONED.test(execPath)) return execPath;
  for (const folder of (path ?? "").split(delimiter)) {
    const candidate = join(folder, "node");
    if (!isAbsolute(folder) || PASSING.test(candidate) || VERSIONED.test(candidate)) continue;
    if ((await realpath(candidate).catch(() => undefined)) === execPath) return candidate;
  }
  return execPath;
}

/** Whether an upgrade of Node is likely to remove this file. */
export function isVersionedNode(nodePath: string): boolean {
  return VERSIONED.test(nodePath);
}

/** Whether a program lies where it is not going to stay. */
export function isPassingPath(path: string): boolean {
  return /\/_npx\//u.test(path);
}
