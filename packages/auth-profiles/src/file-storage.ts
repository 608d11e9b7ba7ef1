import { createLockFolder, errnoOf, realFilePath, type LockFolder, type SecretDefaults } from "@openclaw/secrets";
import { lstat, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AuthProfileError } from "./errors.ts";
import { flatEntries, unflattened } from "./flat-store.ts";
import { valueOfTree } from "./json-tree.ts";
import { adoptable, adoptionOf, readLegacyFile, type LegacyContent, type LegacyFile, type LegacyProfile } from "./legacy-stores.ts";
import { plainProvider, type NormalizeProvider } from "./normalize-provider.ts";
import { parseJsonFile } from "./parse-json-file.ts";
import { probeStoreFile } from "./probe-store-file.ts";
import { readBounded, stampOf, type BoundedFile } from "./read-bounded.ts";
import { isRecord, ownValue } from "./record.ts";
import type { StoreDraft } from "./store-draft.ts";
import { flatDiagnostic, parseAuthStore, type AuthStore, type StoreDiagnostic } from "./store.ts";
import { updateStoreFile, type UpdateOptions } from "./update-store-file.ts";

/** Where profiles are kept. Reading never writes. */
export interface ProfileStorage {
  /** The path it was given, which names it. Links lead several to one file. */
  readonly storePath: string;
  /** @throws {AuthProfileError} `store-malformed` or `store-unreadable`. */
  read(): Promise<AuthStore>;
  /**
   * Changes the store while nobody else does: takes its lock, reads it afresh, lets `change` change it, and
   * replaces the file with one that is on the disk in full. Nothing is written where nothing was changed, nor when
   * `change` throws. Hands back what `change` returned. After a crash the file is whole, old or new.
   *
   * @throws {AuthProfileError} `store-newer`, `store-malformed` or `store-unreadable` before `change` is called;
   * `store-unwritable`, naming the step and the path, with the old file in place.
   * @throws {SecretsError} `lock-timeout` or `lock-reentered`; and whatever `change` throws.
   */
  update<T>(change: (draft: StoreDraft) => T | Promise<T>, options?: UpdateOptions): Promise<T>;
  /**
   * Tries whether a change could be saved now, before something is done that could not be undone. The store stays as it is.
   *
   * @throws {AuthProfileError} as `update` does.
   */
  probe(): Promise<void>;
  /** Where the store really is: all who share it through links agree. */
  realPath(): Promise<string>;
}

export interface FileStorageOptions {
  /** `<agentDir>/auth-profiles.json`. A link is followed, and stays. */
  readonly storePath: string;
  /** Cooldowns and usage: `auth-state.json` beside the store, unless given. */
  readonly statePath?: string;
  /** `<state>/credentials/oauth.json` of older versions, whose logins are read where the store has none. `auth.json` beside the store always is. */
  readonly legacyOAuthPath?: string;
  /** `secrets.defaults` of the configuration: the provider of references that name none. */
  readonly secretDefaults?: SecretDefaults;
  /** Where writers lock each other out: all of a machine must use one folder. `locks` beside the real store, unless given. */
  readonly locks?: LockFolder;
  /** Which spellings of a provider share an order. */
  readonly normalizeProvider?: NormalizeProvider;
}

const MAX_BYTES = 64 * 1024 * 1024;
const MISSING = "missing";

interface Cached {
  readonly stamp: string;
  readonly store: AuthStore;
}

/**
 * The files of one agent. A missing file is an empty store; one that cannot be read or parsed is an
 * error and stays as it is. Unchanged files are not read again. Usage that cannot be read becomes a
 * diagnostic, for credentials must not depend on bookkeeping.
 */
export function createFileStorage(options: FileStorageOptions): ProfileStorage {
  const { storePath, statePath = join(dirname(storePath), "auth-state.json"), secretDefaults, normalizeProvider = plainProvider } = options;
  const legacyFiles: readonly LegacyFile[] = [
    { path: join(dirname(storePath), "auth.json"), kind: "credentials" },
    ...(options.legacyOAuthPath === undefined ? [] : [{ path: options.legacyOAuthPath, kind: "logins" } as const]),
  ];
  const watched = [storePath, statePath, ...legacyFiles.map(({ path }) => path)];
  let cached: Cached | undefined;

  async function readBeside(): Promise<Beside> {
    const [state, link, ...legacy] = await Promise.all([
      readState(statePath),
      linkDiagnostics(storePath),
      ...legacyFiles.map(readLegacyFile),
    ]);
    return { state, link, legacy };
  }

  /** The store as it is seen with what lies beside it. */
  function view(stored: unknown, { state, link, legacy }: Beside): AuthStore {
    const flat = isRecord(stored) ? flatEntries(stored) : [];
    const json = isRecord(stored) ? unflattened(stored, flat) : stored;
    const profiles = isRecord(json) && isRecord(json["profiles"]) ? json["profiles"] : {};
    const adopted = adoptable(legacy, (id) => ownValue(profiles, id) !== undefined);
    const store = parseAuthStore(withAdopted(json, adopted), {
      state: state.json,
      name: storePath,
      ...(secretDefaults && { secretDefaults }),
    });
    const adoptions = [...adopted.values()].filter(({ id }) => store.profiles.has(id)).map(adoptionOf);
    const ofFlat = flat.map((entry) => flatDiagnostic(storePath, entry));
    const ofLegacy = [...adoptions, ...legacy.flatMap(({ diagnostics }) => diagnostics)];
    return Object.freeze({ ...store, diagnostics: [...ofFlat, ...store.diagnostics, ...state.diagnostics, ...link, ...ofLegacy] });
  }

  const realPath = () => reading(storePath, () => realFilePath(storePath));

  return {
    storePath,
    realPath,

    async probe() {
      await probeStoreFile(await realPath());
    },

    // Reads are not shared between callers: one that began before a write must not answer one that began after it.
    async read() {
      const stamp = (await Promise.all(watched.map(stampAt))).join(" ");
      if (cached !== undefined && cached.stamp === stamp) return cached.store;

      const [stored, beside] = await Promise.all([readJson(storePath), readBeside()]);
      const stamps = [stored.stamp, beside.state.stamp, ...beside.legacy.map((content) => content.stamp)];
      cached = { stamp: stamps.join(" "), store: view(stored.json, beside) };
      return cached.store;
    },

    async update(change, waiting = {}) {
      const path = await realPath();
      return updateStoreFile({
        realPath: path,
        locks: options.locks ?? createLockFolder(join(dirname(path), "locks")),
        normalizeProvider,
        async read() {
          const [file, beside] = await Promise.all([readFile(path), readBeside()]);
          return {
            bytes: file?.bytes,
            legacy: beside.legacy.flatMap(({ profiles }) => profiles),
            view: (json) => view(json, beside),
          };
        },
        change,
        waiting,
      });
    },
  };
}

/** What is read along with a store. */
interface Beside {
  readonly state: StateContent;
  readonly link: readonly StoreDiagnostic[];
  readonly legacy: readonly LegacyContent[];
}

interface StateContent {
  readonly json: unknown;
  readonly stamp: string;
  readonly diagnostics: readonly StoreDiagnostic[];
}

function withAdopted(json: unknown, adopted: ReadonlyMap<string, LegacyProfile>): unknown {
  if (adopted.size === 0 || !isRecord(json)) return json;
  const { profiles } = json;
  if (profiles !== undefined && profiles !== null && !isRecord(profiles)) return json;
  const entries = [...adopted].map(([id, { entry }]) => [id, valueOfTree(entry)] as const);
  return { ...json, profiles: { ...profiles, ...Object.fromEntries(entries) } };
}

async function linkDiagnostics(path: string): Promise<readonly StoreDiagnostic[]> {
  const isLink = await lstat(path).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  );
  if (!isLink) return [];
  const target = await realFilePath(path).catch(() => "another place");
  return [{ code: "STORE_IS_LINK", message: `${path} is a link to ${target}: all who share that file share its accounts` }];
}

async function stampAt(path: string): Promise<string | undefined> {
  try {
    return stampOf(await stat(path, { bigint: true }));
  } catch (error) {
    return errnoOf(error) === "ENOENT" ? MISSING : undefined;
  }
}

async function readJson(path: string): Promise<{ readonly json: unknown; readonly stamp: string }> {
  const file = await readFile(path);
  return file === undefined ? { json: {}, stamp: MISSING } : { json: parseJsonFile(path, file.bytes), stamp: file.stamp };
}

/** `undefined` where there is none. */
async function readFile(path: string): Promise<BoundedFile | undefined> {
  return reading(path, async () => {
    try {
      return await readBounded(path, MAX_BYTES);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw error;
    }
  });
}

async function reading<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new AuthProfileError("store-unreadable", `Cannot read ${path}: ${describe(errnoOf(error))}`, {
      cause: error,
      hint: `check that ${path} is a file this user may read`,
    });
  }
}

async function readState(path: string): Promise<StateContent> {
  try {
    const read = await readJson(path);
    if (!isRecord(read.json)) throw new AuthProfileError("store-malformed", `${path} is not a JSON object`);
    return { ...read, diagnostics: [] };
  } catch (error) {
    if (!(error instanceof AuthProfileError)) throw error;
    const diagnostic: StoreDiagnostic = { code: "AUTH_STATE_IGNORED", message: `${error.message}; usage and cooldowns are not known` };
    // No stamp of a file looks like this: it is tried again next time.
    return { json: {}, stamp: "unread", diagnostics: [diagnostic] };
  }
}

function describe(code: string | undefined): string {
  return code === "EFBIG" ? "EFBIG, it is larger than 64 MiB" : (code ?? "unknown error");
}
