import type { SecretDefaults } from "@openclaw/secrets";
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AuthProfileError } from "./errors.ts";
import { parseJsonFile } from "./parse-json-file.ts";
import { isRecord } from "./record.ts";
import { errnoOf, readBounded, stampOf } from "./read-bounded.ts";
import { parseAuthStore, type AuthStore, type StoreDiagnostic } from "./store.ts";

/** Where profiles are kept. Reading never writes. */
export interface ProfileStorage {
  /** @throws {AuthProfileError} `store-malformed` or `store-unreadable`. */
  read(): Promise<AuthStore>;
}

export interface FileStorageOptions {
  /** `<agentDir>/auth-profiles.json`. */
  readonly storePath: string;
  /** Cooldowns and usage: `auth-state.json` beside the store, unless given. */
  readonly statePath?: string;
  /** `secrets.defaults` of the configuration: the provider of references that name none. */
  readonly secretDefaults?: SecretDefaults;
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
  const { storePath, statePath = join(dirname(storePath), "auth-state.json"), secretDefaults } = options;
  let cached: Cached | undefined;

  return {
    // Reads are not shared between callers: one that began before a write must not answer one that began after it.
    async read() {
      const [storeStamp, stateStamp] = await Promise.all([stampAt(storePath), stampAt(statePath)]);
      if (cached !== undefined && cached.stamp === `${storeStamp} ${stateStamp}`) return cached.store;

      const [stored, state] = await Promise.all([readJson(storePath), readState(statePath)]);
      const store = parseAuthStore(stored.json, { state: state.json, name: storePath, ...(secretDefaults && { secretDefaults }) });
      const diagnostics = [...store.diagnostics, ...state.diagnostics];
      cached = { stamp: `${stored.stamp} ${state.stamp}`, store: Object.freeze({ ...store, diagnostics }) };
      return cached.store;
    },
  };
}

async function stampAt(path: string): Promise<string | undefined> {
  try {
    return stampOf(await stat(path, { bigint: true }));
  } catch (error) {
    return errnoOf(error) === "ENOENT" ? MISSING : undefined;
  }
}

async function readJson(path: string): Promise<{ readonly json: unknown; readonly stamp: string }> {
  try {
    const { bytes, stamp } = await readBounded(path, MAX_BYTES);
    return { json: parseJsonFile(path, bytes), stamp };
  } catch (error) {
    if (error instanceof AuthProfileError) throw error;
    const code = errnoOf(error);
    if (code === "ENOENT") return { json: {}, stamp: MISSING };
    throw new AuthProfileError("store-unreadable", `Cannot read ${path}: ${describe(code)}`, {
      cause: error,
      hint: `check that ${path} is a file this user may read`,
    });
  }
}

async function readState(
  path: string,
): Promise<{ readonly json: unknown; readonly stamp: string; readonly diagnostics: readonly StoreDiagnostic[] }> {
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
