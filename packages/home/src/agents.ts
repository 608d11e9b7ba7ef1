import { join } from "node:path";
import { createAuthProfiles, createFileStorage, type ProfileSet } from "@openclaw/auth-profiles";
import { normalizeProviderId } from "@openclaw/providers";
import type { Clock, SecretResolver } from "@openclaw/secrets";
import type { AgentConfig, Config } from "./config.ts";
import { HomeError } from "./errors.ts";
import { agentDirOf, type HomePaths } from "./paths.ts";

/** One agent's accounts. */
export interface AgentAccounts {
  readonly id: string;
  readonly dir: string;
  readonly storePath: string;
  readonly config: AgentConfig | undefined;
  /** @throws {AuthProfileError} when the store of this agent cannot be read. */
  readonly profiles: () => ProfileSet;
}

export interface Agents {
  readonly defaultId: string;
  readonly ids: readonly string[];
  /** Without an id the default agent, wherever `OPENCLAW_AGENT_DIR` puts it. @throws {HomeError} `unknown-agent`. */
  find(id?: string): AgentAccounts;
}

export interface ReadAgentsOptions {
  readonly config: Config;
  readonly paths: HomePaths;
  readonly resolver: SecretResolver;
  readonly clock: Pick<Clock, "now">;
}

const MAIN = "main";

/** Reads the accounts of every configured agent. A store that is broken breaks only its own agent. */
export async function readAgents(options: ReadAgentsOptions): Promise<Agents> {
  const { config, paths } = options;
  const listed = config.agents?.list ?? [];
  const defaultId = (listed.find((agent) => agent.default === true) ?? { id: MAIN }).id;
  const ids = [...new Set([defaultId, MAIN, ...listed.map((agent) => agent.id)])];
  const mainDir = dirOf(MAIN, undefined, paths);

  const read = async (id: string, override?: string): Promise<AgentAccounts> => {
    const entry = listed.find((agent) => agent.id === id);
    const dir = override ?? dirOf(id, entry, paths);
    return { id, dir, storePath: storeIn(dir), config: entry, profiles: await readProfiles(dir, mainDir, options) };
  };
  const accounts = new Map(await Promise.all(ids.map(async (id) => [id, await read(id)] as const)));
  const overridden = paths.agentDirOverride === undefined ? undefined : await read(defaultId, paths.agentDirOverride);

  return {
    defaultId,
    ids,
    find(id) {
      const found = id === undefined ? (overridden ?? accounts.get(defaultId)) : accounts.get(id);
      if (found) return found;
      throw new HomeError("unknown-agent", `Unknown agent id "${id}". Use "openclaw agents list" to see configured agents.`);
    },
  };
}

async function readProfiles(dir: string, mainDir: string, options: ReadAgentsOptions): Promise<() => ProfileSet> {
  const { auth } = options.config;
  const accounts = createAuthProfiles({
    storage: createFileStorage({ storePath: storeIn(dir), statePath: join(dir, "auth-state.json") }),
    ...(dir !== mainDir && {
      mainStorage: createFileStorage({ storePath: storeIn(mainDir), statePath: join(mainDir, "auth-state.json") }),
    }),
    resolver: options.resolver,
    config: { ...(auth?.order && { order: auth.order }), ...(auth?.profiles && { profiles: auth.profiles }) },
    normalizeProvider: normalizeProviderId,
    clock: options.clock,
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

function dirOf(id: string, entry: AgentConfig | undefined, paths: HomePaths): string {
  return entry?.agentDir ?? agentDirOf(paths, id);
}

function storeIn(dir: string): string {
  return join(dir, "auth-profiles.json");
}
