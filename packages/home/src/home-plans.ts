import type { Plan } from "@openclaw/key-rotation";
import type { ProfileSecrets } from "@openclaw/auth-profiles";
import { HomeError } from "./errors.ts";
import { createPlanner, type Planner, type PlanQuery } from "./plan.ts";
import type { HomeProvider } from "./provider-table.ts";
import type { HomeSnapshot } from "./snapshot.ts";

/** What of a snapshot plans are made of. */
export interface HomePlansSources extends Pick<HomeSnapshot, "paths" | "config" | "env" | "agents" | "providers" | "salt"> {
  readonly secrets: ProfileSecrets;
  /** Gives another object whenever a reference may lead to another value. */
  readonly secretsNow: () => unknown;
}

/**
 * The plans of a snapshot. What they are made of is made once, for as long as the snapshot is there.
 *
 * @throws as {@link HomeSnapshot.plan} does.
 */
export function createHomePlans(sources: HomePlansSources): (query: PlanQuery) => Plan {
  const { providers, agents, config, paths } = sources;
  const { auth = {}, secrets: { defaults = {} } = {} } = config;
  const planners = new WeakMap<HomeProvider, Planner>();
  return (query) => {
    const provider = providers.find(query.provider);
    if (!provider) {
      throw new HomeError("unknown-model", `Unknown provider "${query.provider}"`, {
        hint: `add it under models.providers in ${paths.display(paths.configPath)}`,
      });
    }
    const profiles = agents.find(query.agentId).profiles();
    const planner = planners.get(provider) ?? createPlanner({ ...sources, provider, auth, defaults });
    planners.set(provider, planner);
    return planner(query, profiles);
  };
}
