import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { agentDirOf, HomeError, readCommitted, type HomeSnapshot } from "@openclaw/home";
import { readPrivateFile, SecretsError } from "@openclaw/secrets";
import { CliError } from "../exit.ts";

/** A file as it is. */
export interface FileText {
  readonly path: string;
  /** The file it is, where links lead to it; `path` unless given. */
  readonly realPath?: string;
  /** `undefined` where there is none. */
  readonly bytes: Buffer | undefined;
  /** It may hold secrets. Empty where there is no file. */
  readonly text: string;
}

/** The credential files of one agent. */
interface AgentFiles {
  /** Nobody's for the folder that a variable names in place of an agent's. Agents that share a folder have the same files. */
  readonly id: string | undefined;
  readonly store: FileText;
  /** `auth.json`, where older versions kept credentials. */
  readonly legacy: FileText;
  /** `models.json`, which is no file of ours to change: what it holds is told. */
  readonly models: FileText;
}

/** A copy beside a file, which it is `of`. */
interface BackupFile extends FileText {
  readonly of: string;
  /** Why it could not be read as text. It is left as it is. */
  readonly problem?: string;
}

/** Every file that a plan may change. */
export interface HomeFiles {
  readonly config: FileText;
  readonly env: FileText;
  readonly agents: readonly AgentFiles[];
  /** Copies that somebody or something left beside one of the files, with that file's path. */
  readonly backups: readonly BackupFile[];
}

const MAX_BYTES = 64 * 1024 * 1024;
const BACKUP = /^(?:~|\.(?:backup|bak|clobbered|old|orig|tmp)(?:[.\-_\d].*)?)$/u;

// Fatal: what is no text would be changed by writing it as text. The byte order mark is kept.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads the files of a home as one: all before or all after whatever transaction is under way. */
export function readHomeFiles({ paths, agents }: Pick<HomeSnapshot, "paths" | "agents">): Promise<HomeFiles> {
  return readCommitted(paths.stateDir, async (pathOf) => {
    const read = (path: string) => readText(path, pathOf(path));
    const config = await read(paths.configPath);
    const env = await read(paths.envFile);
    const found: AgentFiles[] = [];
    for (const [dir, ids] of await agentFolders(paths, agents)) {
      const inFolder = {
        store: await read(join(dir, "auth-profiles.json")),
        legacy: await read(join(dir, "auth.json")),
        models: await read(join(dir, "models.json")),
      };
      found.push(...(ids.length > 0 ? ids : [undefined]).map((id) => ({ id, ...inFolder })));
    }
    const originals = [config, env, ...found.flatMap(({ store, legacy }) => [store, legacy])].map(({ path }) => path);
    const backups: HomeFiles["backups"][number][] = [];
    for (const of of new Set(originals)) {
      for (const path of await backupsOf(of)) backups.push({ ...(await read(path).catch((error: unknown) => unread(path, error))), of });
    }
    return { config, env, agents: found, backups };
  });
}

/** Copies are packed, belong to somebody else, or are no files: none of that is a reason to leave the keys in the originals. */
function unread(path: string, error: unknown): Omit<BackupFile, "of"> {
  if (!(error instanceof CliError || error instanceof SecretsError)) throw error;
  return { path, bytes: undefined, text: "", problem: error.message };
}

/** What two names of one file have in common. */
export function realPathOf({ path, realPath }: FileText): string {
  return realPath ?? path;
}

/** Each file once, whatever names lead to it. */
export function distinctFiles(files: readonly FileText[]): readonly FileText[] {
  return [...new Map(files.toReversed().map((file) => [realPathOf(file), file])).values()].toReversed();
}

/** The folders of the agents that are configured, and of those that are there all the same, with their ids. */
async function agentFolders(paths: HomeSnapshot["paths"], agents: HomeSnapshot["agents"]): Promise<ReadonlyMap<string, readonly string[]>> {
  const folders = new Map<string, string[]>();
  for (const id of agents.ids) {
    const { dir } = agents.find(id);
    folders.set(dir, [...(folders.get(dir) ?? []), id]);
  }
  const { dir } = agents.find();
  folders.set(dir, folders.get(dir) ?? []);
  for (const id of (await readdir(join(paths.stateDir, "agents")).catch(() => [])).toSorted()) {
    const dir = agents.ids.includes(id) ? undefined : plainFolder(paths, id);
    if (dir !== undefined) folders.set(dir, [...(folders.get(dir) ?? []), id]);
  }
  return folders;
}

function plainFolder(paths: HomeSnapshot["paths"], id: string): string | undefined {
  try {
    return agentDirOf(paths, id);
  } catch (error) {
    if (error instanceof HomeError) return undefined;
    throw error;
  }
}

async function backupsOf(path: string): Promise<readonly string[]> {
  const [folder, name] = [dirname(path), basename(path)];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory() && entry.name.startsWith(name) && BACKUP.test(entry.name.slice(name.length)))
    .map((entry) => join(folder, entry.name))
    .toSorted();
}

async function readText(path: string, place: string): Promise<FileText> {
  const bytes = await readPrivateFile(place, { maxBytes: MAX_BYTES, followLink: true });
  const real = await realpath(path).catch(() => path);
  try {
    return { path, realPath: real, bytes, text: bytes === undefined ? "" : utf8.decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CliError(`${path} is not UTF-8 text`, "save it as UTF-8; nothing was changed");
  }
}
