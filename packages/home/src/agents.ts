import { join } from "node:path";
import {
  AuthProfileError,
  createAuthProfiles,
  type AuthStore,
  type OAuthProfile,
  type ProfileSecrets,
  type ProfileSet,
  type ProfileStorage,
  type Refresher,
} from "@openclaw/auth-profiles";
import { authProviderId } from "@openclaw/providers";
import type { Clock } from "@openclaw/secrets";
import { createAgentStorages, type AgentStorage, type AgentStorages } from "./agent-storage.ts";
import type { AgentConfig, Config } from "./config.ts";
import { HomeError } from "./errors.ts";
import { agentDirOf, type HomePaths } from "./paths.ts";

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
  /** Each once: what `find` gives without an id first. */
  readonly all: readonly AgentAccounts[];
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
  /** Keeps logins alive. Without one, a login that has ended is an error. */
  readonly refresher?: Refresher | undefined;
  /** Whether this home knows where a login is refreshed. */
  readonly canRefresh?: (profile: OAuthProfile) => boolean;
  /** Given, a store that did not change since it was read with the same is not parsed again. */
  readonly storages?: AgentStorages;
}

const MAIN = "main";

/**
 * Reads the accounts of every configured agent. Agents other than `main` read through to its store. A
 * store that is broken breaks the agents that read it and no other.
 */
export async function readAgents(options: ReadAgentsOptions): Promise<Agents> {
  const { config, paths, pathOf = (path) => path, storages = createAgentStorages() } = options;
  const listed = config.agents?.list ?? [];
  const defaultId = listed.find((agent) => agent.default === true)?.id ?? MAIN;
  const ids = [...new Set([defaultId, MAIN, ...listed.map((agent) => agent.id)])];

  const dirOf = (id: string): string => {
    const dir = listed.find((agent) => agent.id === id)?.agentDir?.trim();
    return dir ? paths.absolute(dir) : agentDirOf(paths, id);
  };
  const openAt = (dir: string) =>
    storages.open({
      storePath: storeIn(dir),
      stateDir: paths.stateDir,
      secretDefaults: config.secrets?.defaults,
      hasLegacyLogins: dir === dirOf(MAIN),
    });
  const storeOf = ({ readAt }: AgentStorage, dir: string) => readAt(pathOf(storeIn(dir)));
  const main = openAt(dirOf(MAIN));
  const mainStore = storeOf(main, dirOf(MAIN));
  mainStore.catch(() => undefined); // Whoever reads through to it says so.

  const read = async (id: string, dir: string): Promise<AgentAccounts> => {
    const own = openAt(dir);
    const stores = id === MAIN ? { own } : { own, main };
    return Object.freeze({
      id,
      dir,
      storePath: storeIn(dir),
      config: listed.find((agent) => agent.id === id),
      storage: own.storage,
      profiles: await readProfiles(stores, dir === dirOf(MAIN) ? mainStore : storeOf(own, dir), mainStore, options),
    });
  };
  // All are opened before any is judged: a login may have copies in each.
  const { agentDirOverride } = paths;
  for (const dir of [...ids.map(dirOf), ...(agentDirOverride === undefined ? [] : [agentDirOverride])]) openAt(dir);
  const accounts = new Map(await Promise.all(ids.map(async (id) => [id, await read(id, dirOf(id))] as const)));
  const overridden = agentDirOverride === undefined ? undefined : await read(defaultId, agentDirOverride);

  return Object.freeze({
    defaultId,
    ids: Object.freeze(ids),
    all: Object.freeze([...(overridden ? [overridden] : []), ...accounts.values()]),
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
  readonly own: AgentStorage;
  /** Where this is another agent. */
  readonly main?: AgentStorage;
}

async function readProfiles(
  { own, main }: Storages,
  ownStore: Promise<AuthStore>,
  mainStore: Promise<AuthStore>,
  { config, secrets, clock, refresher, canRefresh }: ReadAgentsOptions,
): Promise<() => ProfileSet> {
  const { order, profiles, credentials } = config.auth ?? {};
  const accounts = createAuthProfiles({
    storage: own.storage,
    ...(main && { mainStorage: main.storage }),
    secrets,
    ...(refresher && { refresher }),
    ...(canRefresh && { canRefresh }),
    config: { ...(order && { order }), ...(profiles && { profiles }), ...(credentials && { credentials }) },
    normalizeProvider: authProviderId,
    clock,
  });
  try {
    const set = await accounts.of({ agent: await ownStore, ...(main && { main: await mainStore }) });
    return () => set;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function storeIn(dir: string): string {
  return join(dir, "auth-profiles.json");
}
