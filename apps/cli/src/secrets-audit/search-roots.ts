import { lstat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { HomePaths } from "@openclaw/home";
import type { Env } from "@openclaw/secrets";

/** A folder that values may have got into, or a part of one. */
export interface SearchRoot {
  readonly folder: string;
  /** Levels of folders below it: 0 for the files of the folder alone. */
  readonly depth: number;
  /** Whether what has this path within the folder is looked at. */
  wants(path: string): boolean;
}

/** What decides where to search. */
export interface SearchRootsOptions {
  readonly paths: HomePaths;
  readonly env: Env;
  readonly agentDirs: readonly string[];
  /** Files that are there to hold secrets. Copies of them may lie beside them. */
  readonly secretFiles: readonly string[];
  /** Where OpenClaw logs to. */
  readonly logFolder: string;
  /** Whose log folder is searched: the user this process runs as. */
  readonly uid: number | undefined;
  /** Whether the history of shells is searched. */
  readonly history: boolean;
}

const DEEPEST = 24;

const histories = [
  ".bash_history",
  ".zsh_history",
  ".sh_history",
  ".ksh_history",
  ".local/share/fish/fish_history",
  ".python_history",
  ".node_repl_history",
];

/** Lists where known values may have got to, what is most telling first. */
export async function searchRoots(options: SearchRootsOptions): Promise<readonly SearchRoot[]> {
  const { paths, env, agentDirs, secretFiles } = options;
  const configHome = env["XDG_CONFIG_HOME"]?.trim() || join(paths.home, ".config");
  return [
    { folder: join(configHome, "systemd/user"), depth: 1, wants: (path) => /^openclaw/iu.test(path) },
    { folder: join(paths.home, "Library/LaunchAgents"), depth: 0, wants: (path) => /openclaw.*\.plist/iu.test(path) },
    ...[paths.configPath, ...secretFiles].map(copiesOf),
    ...agentDirs.map((folder) => ({ folder, depth: 0, wants: () => true })),
    ...(options.history ? historyFiles(paths.home, env).map(exactly) : []),
    ...((await isOwnFolder(options.logFolder, options.uid)) ? [{ folder: options.logFolder, depth: 2, wants: () => true }] : []),
    { folder: paths.stateDir, depth: DEEPEST, wants: () => true },
  ];
}

/** A file, and what lies beside it under its name: `<name>.bak`, `.<name>.<...>.tmp`, `<name>~`. */
function copiesOf(file: string): SearchRoot {
  const name = basename(file);
  return { folder: dirname(file), depth: 0, wants: (path) => path.startsWith(name) || path.startsWith(`.${name}.`) };
}

function exactly(file: string): SearchRoot {
  const name = basename(file);
  return { folder: dirname(file), depth: 0, wants: (path) => path === name };
}

function historyFiles(home: string, env: Env): readonly string[] {
  const named = env["HISTFILE"]?.trim();
  return [...histories.map((name) => join(home, name)), ...(named?.startsWith("/") ? [named] : [])];
}

/** A log folder in `/tmp` that somebody else made is not ours to read. */
async function isOwnFolder(path: string, uid: number | undefined): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isDirectory() === true && (uid === undefined || stats.uid === uid);
}
