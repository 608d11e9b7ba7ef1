import type { BigIntStats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { realFilePath } from "@openclaw/secrets";
import type { Home } from "./home.ts";
import type { HomeSnapshot } from "./snapshot.ts";

/** Which files a tool in the hands of a model must neither read nor write. */
export interface ProtectedFiles {
  /** Whether a path leads to one, by whatever name. A path that cannot be looked at is taken for one. */
  covers(path: string): Promise<boolean>;
}

export interface ProtectedFilesOptions {
  readonly home: Pick<Home, "current">;
  /** Further files, such as that of `--token-file`. */
  readonly files?: readonly string[];
}

/** Folders of the state folder in which everything is about accounts. */
const ownFolders = ["credentials", "locks", "refresh"];

/**
 * For the file tools of an agent: covers accounts, configuration, `.env`, tokens, their backups and locks, and the files that
 * `secrets.providers` reads; also through links, under a second name, in other letters, and by way of `/proc`. What else lies in the state folder, such as an
 * agent's workspace, is not covered. It keeps a model that was talked into it from reading keys by a file tool; a process of the
 * same user it does not keep from anything.
 *
 * @example
 * const protectedFiles = createProtectedFiles({ home });
 * if (await protectedFiles.covers(path)) throw new Error("not for you");
 */
export function createProtectedFiles({ home, files = [] }: ProtectedFilesOptions): ProtectedFiles {
  return {
    async covers(path) {
      try {
        const places = await placesOf(home.current, files);
        const absolute = resolve(path);
        if (isProtected(absolute, places)) return true;
        const real = await realFilePath(absolute);
        return isProtected(real, places) || (await isFileOfState(real, places)) || (await isSecondName(real, places));
      } catch {
        return true;
      }
    },
  };
}

/** Each as it is written, and with links followed. */
interface Places {
  readonly stateDirs: readonly string[];
  /** With everything in them. */
  readonly folders: readonly string[];
  /** With whatever begins with their name beside them, such as `openclaw.json.bak`. */
  readonly files: readonly string[];
}

async function placesOf({ paths, agents, config }: HomeSnapshot, more: readonly string[]): Promise<Places> {
  const providers = Object.values(config.secrets?.providers ?? {});
  const sources = providers.flatMap((provider) => (provider.source === "file" ? paths.absolute(provider.path) : []));
  const [stateDirs, dirs, files] = await Promise.all([
    withReal([paths.stateDir]),
    withReal(agents.all.map(({ dir }) => dir)),
    withReal([paths.configPath, paths.envFile, ...agents.all.map(({ storePath }) => storePath), ...sources, ...more]),
  ]);
  return { stateDirs, folders: [...dirs, ...stateDirs.flatMap((dir) => ownFolders.map((name) => join(dir, name)))], files };
}

async function withReal(paths: readonly string[]): Promise<readonly string[]> {
  return [...new Set([...paths, ...(await Promise.all(paths.map((path) => realFilePath(path))))])];
}

/** Some file systems take other letters for the same. */
function folded(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

function isProtected(path: string, { stateDirs, folders, files }: Places): boolean {
  const asked = folded(path);
  const isIn = (folder: string) => asked === folded(folder) || asked.startsWith(folded(folder) + sep);
  return (
    isOfProcess(path) ||
    // The folder as a whole, all agents, or the accounts of one that is no longer configured.
    stateDirs.some((dir) => asked === folded(dir) || (isIn(dir) && isOfAgent(asked.slice(dir.length + 1).split(sep)))) ||
    folders.some((folder) => isIn(folder)) ||
    files.some((file) => folded(dirname(file)) === dirname(asked) && basename(asked).startsWith(folded(basename(file))))
  );
}

function isOfAgent([first, id, folder]: readonly string[]): boolean {
  return first === "agents" && (id === undefined || folder === undefined || folder === "agent");
}

/** The environment and the memory of a process hold keys. */
function isOfProcess(path: string): boolean {
  return /^\/proc\/(?:[^/]+\/)+(?:environ|mem)$/u.test(path);
}

/** What lies in the state folder itself is a file of the gateway's, or about to become one; its other folders belong to others. */
async function isFileOfState(path: string, { stateDirs }: Places): Promise<boolean> {
  if (!stateDirs.some((dir) => folded(dir) === folded(dirname(path)))) return false;
  return (await statOf(path))?.isDirectory() !== true;
}

/** A second name of a protected file shares its place on the disk. */
async function isSecondName(path: string, places: Places): Promise<boolean> {
  const asked = await statOf(path);
  if (!asked?.isFile() || asked.nlink < 2n) return false;
  const folders = new Set([...places.stateDirs, ...places.folders, ...places.files.map((file) => dirname(file))]);
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      const place = join(folder, name);
      const known = isProtected(place, places) || (await isFileOfState(place, places)) ? await statOf(place) : undefined;
      if (known?.ino === asked.ino && known.dev === asked.dev) return true;
    }
  }
  return false;
}

/** Nothing where there is no such file. */
async function statOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return undefined;
    throw error;
  }
}
