import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { agentDirOf, HomeError, type Config, type HomePaths } from "@openclaw/home";

/** Where an agent keeps its accounts. */
export interface AgentDir {
  readonly id: string;
  readonly dir: string;
}

/** The folders of the agents that are configured and of those that are on disk all the same, each once. */
export async function findAgentDirs(paths: HomePaths, config: Config): Promise<readonly AgentDir[]> {
  const listed = config.agents?.list ?? [];
  const defaultId = listed.find((agent) => agent.default === true)?.id ?? "main";
  const ids = new Set([defaultId, "main", ...listed.map(({ id }) => id), ...(await idsOnDisk(paths))]);
  const found = [...ids].flatMap((id): readonly AgentDir[] => {
    const configured = listed.find((agent) => agent.id === id)?.agentDir?.trim();
    const dir = configured ? paths.absolute(configured) : plainDir(paths, id);
    return dir === undefined ? [] : [{ id, dir }];
  });
  const overridden = paths.agentDirOverride === undefined ? [] : [{ id: defaultId, dir: paths.agentDirOverride }];
  const byDir = new Map<string, AgentDir>();
  for (const agent of [...overridden, ...found]) if (!byDir.has(agent.dir)) byDir.set(agent.dir, agent);
  return [...byDir.values()];
}

/** A link that leads to a folder counts; one that leads nowhere, or to itself, does not. */
async function idsOnDisk(paths: HomePaths): Promise<readonly string[]> {
  const names = (await readdir(join(paths.stateDir, "agents")).catch(() => [])).toSorted();
  const found = await Promise.all(
    names.map(async (id) => {
      const dir = plainDir(paths, id);
      return dir !== undefined && (await stat(dir).catch(() => undefined))?.isDirectory() === true ? [id] : [];
    }),
  );
  return found.flat();
}

/** Whatever else lies in the folder of agents is none of theirs. */
function plainDir(paths: HomePaths, id: string): string | undefined {
  try {
    return agentDirOf(paths, id);
  } catch (error) {
    if (error instanceof HomeError) return undefined;
    throw error;
  }
}
