import type { AuthStore } from "@openclaw/auth-profiles";
import { forgetProfile, profileNotFound, profilePlaces, readConfig, type HomeSnapshot, type MetadataStamp } from "@openclaw/home";
import { CliError } from "../exit.ts";
import { forgetUse } from "./clear-cooldown.ts";

/** What leaves with an account. */
export interface Removal {
  readonly agentId: string;
  readonly agentDir: string;
  readonly profileId: string;
  /** Places of the agent's store. */
  readonly store: readonly string[];
  /** Places of `openclaw.json`; none while another agent stores an account of that id. */
  readonly config: readonly string[];
  /** Agents that store an account of the same id. It stays, and the agent may use main's from now on. */
  readonly alsoStoredBy: readonly string[];
}

/**
 * Says what removing an account takes out, and changes nothing.
 *
 * @throws {AuthProfileError} where there is no such account, {CliError} where another agent has it, with those whose ids are like it.
 */
export async function planRemoval(home: HomeSnapshot, profileId: string, agentId: string | undefined): Promise<Removal> {
  const agent = home.agents.find(agentId);
  const own = await agent.storage.read();
  const alsoStoredBy = await otherHolders(home, agent.storePath, profileId);
  const hasEntry = own.profiles.has(profileId) || own.dropped.some(({ id }) => id === profileId);
  if (!hasEntry) {
    const [holder] = alsoStoredBy;
    if (holder === undefined) throw profileNotFound(profileId, agent.dir, [...own.profiles.keys(), ...own.dropped.map(({ id }) => id)]);
    throw new CliError(
      `Auth profile "${profileId}" is stored by agent ${holder}, not by agent ${agent.id}.`,
      `openclaw models auth remove ${profileId} --agent ${holder}`,
    );
  }
  const config = alsoStoredBy.length > 0 ? [] : profilePlaces(await readConfig(home.paths.configPath), profileId);
  return { agentId: agent.id, agentDir: agent.dir, profileId, store: placesIn(own, profileId), config, alsoStoredBy };
}

/** Removes an account, and its name from orders and bookkeeping; then from `openclaw.json`, unless another agent stores it too. */
export async function removeProfile(
  home: HomeSnapshot,
  { profileId, agentId, alsoStoredBy }: Removal,
  options: { readonly agentId: string | undefined; readonly stamp: MetadataStamp; readonly signal: AbortSignal },
): Promise<void> {
  const { stamp, signal } = options;
  const wasThere = await home.agents.find(options.agentId).storage.update((draft) => draft.remove(profileId), { signal });
  if (!wasThere) throw new CliError(`Auth profile "${profileId}" was removed from agent ${agentId} by somebody else meanwhile.`);
  if (alsoStoredBy.length === 0) await forgetProfile({ paths: home.paths, id: profileId, stamp, signal });
  await forgetUse(home, { agentId: options.agentId, profileId, signal });
}

function placesIn({ order, lastGood, usage }: AuthStore, id: string): readonly string[] {
  return [
    `profiles.${id}`,
    ...Object.entries(order).flatMap(([provider, ids]) => (ids.includes(id) ? [`order.${provider}`] : [])),
    ...Object.entries(lastGood).flatMap(([provider, good]) => (good === id ? [`lastGood.${provider}`] : [])),
    ...(usage.has(id) ? [`usage of ${id}`] : []),
  ];
}

async function otherHolders({ agents }: HomeSnapshot, storePath: string, profileId: string): Promise<readonly string[]> {
  const others = [...new Set(["main", ...agents.ids])].map((id) => agents.find(id)).filter((agent) => agent.storePath !== storePath);
  const holds = await Promise.all(others.map(async ({ storage }) => (await storage.read()).profiles.has(profileId)));
  return others.flatMap(({ id }, index) => (holds[index] ? [id] : []));
}
