import { join } from "node:path";
import {
  AuthProfileError,
  createAuthProfiles,
  createFileStorage,
  type ProfileSecrets,
  type ProfileSet,
  type ProfileStorage,
} from "@openclaw/auth-profiles";
import { authProviderId } from "@openclaw/providers";
import { createLockFolder, type Clock } from "@openclaw/secrets";
import type { AgentConfig, Config } from "./config.ts";
import { HomeError } from "./errors.ts";
import { finishFileTransaction } from "./file-transaction.ts";
import { agentDirOf, type HomePaths } from "./paths.ts";
import { readCommitted } from "./pending-files.ts";

/** One agent's accounts. */
export interface AgentAccounts {
  readonly id: string;
  readonly dir: string;
  readonly storePath: string;
  readonly config: AgentConfig | undefined;
  /** @throws {AuthProfileError} when the store of this agent, or main's behind it, cannot be read. */
  readonly profiles: () => ProfileSet;
  /** The agent's own store, read afresh and changed for good; nothing of main's behind it. */
  readonly storage: ProfileStorage;
}

/** The agents of a home. */
export interface Agents {
  readonly defaultId: string;
  /** The default one first, then `main`, then the rest of `agents.list`. */
  readonly ids: readonly string[];
  /** Without an id the default agent, wherever `OPENCLAW_AGENT_DIR` puts it. @throws {HomeError} `unknown-agent`. */
  find(id?: string): AgentAccounts;
}

/** What agents are read with. */
export interface ReadAgentsOptions {
  readonly config: Config;
  readonly paths: HomePaths;
  /** Where a store is read that a transaction is about to put in place; the path itself, mostly. */
  readonly pathOf?: (path: string) => string;
  readonly secrets: ProfileSecrets;
  readonly clock: Pick<Clock, "now">;
}

const MAIN = "main";

/**
 * Reads the accounts of every configured agent. Agents other than `main` read through to its store. A
 * store that is broken breaks the agents that read it and no other.
 */
export async function readAgents(options: ReadAgentsOptions): Promise<Agents> {
  const { config, paths, pathOf = (path) => path } = options;
  const listed = config.agents?.list ?? [];
  const defaultId = listed.find((agent) => agent.default === true)?.id ?? MAIN;
  const ids = [...new Set([defaultId, MAIN, ...listed.map((agent) => agent.id)])];

  const dirOf = (id: string): string => {
    const dir = listed.find((agent) => agent.id === id)?.agentDir?.trim();
    return dir ? paths.absolute(dir) : agentDirOf(paths, id);
  };
  const mainStorage = readOnce(storageIn(pathOf(storeIn(dirOf(MAIN))), config));

  const read = async (id: string, dir: string): Promise<AgentAccounts> => {
    const storage = storageIn(pathOf(storeIn(dir)), config);
    return Object.freeze({
      id,
      dir,
      storePath: storeIn(dir),
      config: listed.find((agent) => agent.id === id),
      storage: ownStorage(storeIn(dir), options),
      profiles: await readProfiles(id === MAIN ? { storage } : { storage, mainStorage }, options),
    });
  };
  const accounts = new Map(await Promise.all(ids.map(async (id) => [id, await read(id, dirOf(id))] as const)));
  const overridden = paths.agentDirOverride === undefined ? undefined : await read(defaultId, paths.agentDirOverride);

  return Object.freeze({
    defaultId,
    ids: Object.freeze(ids),
    find(id) {
      const found = id === undefined ? (overridden ?? accounts.get(defaultId)) : accounts.get(id);
      if (found) return found;
      throw new HomeError("unknown-agent", `Unknown agent id "${id}". Use "openclaw agents list" to see configured agents.`, {
        hint: `configured are ${ids.join(", ")}`,
      });
    },
  } satisfies Agents);
}

/** The accounts of an agent; `undefined` where its store is broken. */
export function readableProfiles(agent: AgentAccounts): ProfileSet | undefined {
  try {
    return agent.profiles();
  } catch (error) {
    if (error instanceof AuthProfileError) return undefined;
    throw error;
  }
}

interface Storages {
  readonly storage: ProfileStorage;
  readonly mainStorage?: ProfileStorage;
}

async function readProfiles(storages: Storages, { config, secrets, clock }: ReadAgentsOptions): Promise<() => ProfileSet> {
  const { order, profiles } = config.auth ?? {};
  const accounts = createAuthProfiles({
    ...storages,
    secrets,
    config: { ...(order && { order }), ...(profiles && { profiles }) },
    normalizeProvider: authProviderId,
    clock,
  });
  try {
    const set = await accounts.read();
    return () => set;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function storageIn(storePath: string, config: Config): ProfileStorage {
  const secretDefaults = config.secrets?.defaults;
  return createFileStorage({ storePath, ...(secretDefaults && { secretDefaults }) });
}

/** The store where it is, as its writers see it: a transaction that died is completed first, and all lock in one folder. */
function ownStorage(storePath: string, { config, paths: { stateDir } }: ReadAgentsOptions): ProfileStorage {
  const secretDefaults = config.secrets?.defaults;
  const storage = createFileStorage({
    storePath,
    locks: createLockFolder(join(stateDir, "locks")),
    normalizeProvider: authProviderId,
    ...(secretDefaults && { secretDefaults }),
  });
  return Object.freeze({
    ...storage,
    read: () =>
      readCommitted(stateDir, (pathOf) => {
        const path = pathOf(storePath);
        return path === storePath ? storage.read() : storageIn(path, config).read();
      }),
    async update(change, waiting = {}) {
      await finishFileTransaction(stateDir, waiting);
      return storage.update(change, waiting);
    },
  } satisfies ProfileStorage);
}

/** Many agents read through to one store, which is read when the first of them asks. */
function readOnce(storage: ProfileStorage): ProfileStorage {
  let store: ReturnType<ProfileStorage["read"]> | undefined;
  return { ...storage, read: () => (store ??= storage.read()) };
}

function storeIn(dir: string): string {
  return join(dir, "auth-profiles.json");
}
