import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

/** A home folder of its own on the real file system. All paths given to it are relative to `path`. */
export interface TempHome {
  readonly path: string;
  /** `<path>/.openclaw`. Made with the first file in it. */
  readonly stateDir: string;
  /** `HOME`, `OPENCLAW_HOME` and `OPENCLAW_STATE_DIR` of this home, and nothing else. */
  readonly env: Readonly<Record<"HOME" | "OPENCLAW_HOME" | "OPENCLAW_STATE_DIR", string>>;
  /** Writes a file, 0600 unless `mode` says otherwise whatever the umask; missing folders are 0700. Objects are written as JSON. */
  write(file: string, content: string | object, mode?: number): Promise<void>;
  read(file: string): Promise<string>;
  /** Every file, link and empty folder (with a slash at its end) below `path`, sorted. */
  list(): Promise<readonly string[]>;
  /** Deletes all of it. */
  remove(): Promise<void>;
}

/**
 * Makes a {@link TempHome}. Call `remove` when done.
 *
 * @example
 * const home = await createTempHome({ ".openclaw/openclaw.json": { auth: {} } });
 */
export async function createTempHome(files: Readonly<Record<string, string | object>> = {}): Promise<TempHome> {
  const path = await mkdtemp(join(tmpdir(), "openclaw-home-"));
  const stateDir = join(path, ".openclaw");

  async function write(file: string, content: string | object, mode = 0o600): Promise<void> {
    const target = join(path, file);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(target, typeof content === "string" ? content : `${JSON.stringify(content, undefined, 2)}\n`, { mode });
    await chmod(target, mode);
  }

  for (const [file, content] of Object.entries(files)) await write(file, content);
  return {
    path,
    stateDir,
    env: { HOME: path, OPENCLAW_HOME: path, OPENCLAW_STATE_DIR: stateDir },
    write,
    read: (file) => readFile(join(path, file), "utf8"),
    list: async () => (await listBelow(path)).map((found) => relative(path, found) + (found.endsWith("/") ? "/" : "")).toSorted(),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

async function listBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) {
      found.push(path);
      continue;
    }
    const inside = await listBelow(path);
    found.push(...(inside.length > 0 ? inside : [`${path}/`]));
  }
  return found;
}
