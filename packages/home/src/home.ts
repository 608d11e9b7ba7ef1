import type { Plan } from "@openclaw/key-rotation";
import type { AgentAccounts, Agents } from "./agents.ts";
import { HomeError } from "./errors.ts";
import { createPlan, type PlanQuery } from "./plan.ts";
import { readSnapshot, type HomeSnapshot, type OpenHomeOptions } from "./snapshot.ts";

/** A person's state folder, opened. */
export interface Home {
  /** Swapped whole by `reload`; hold on to it for the length of one request. */
  readonly current: HomeSnapshot;
  /**
   * The ordered credentials for a provider and model.
   *
   * @throws {HomeError} `unknown-agent` or `unknown-model`.
   * @throws {AuthProfileError} when the agent's store is broken, or the pinned profile cannot be used.
   */
  plan(query: PlanQuery): Plan;
  /**
   * Reads everything again. When something is broken, be it the store of one agent that worked before,
   * the current snapshot stays.
   *
   * @throws what {@link openHome} throws, and {AuthProfileError} for such a store.
   */
  reload(): Promise<void>;
}

/**
 * Opens a person's state folder. Reads, and never writes. The store of an agent that is broken is the
 * error of that agent's `profiles()` and plans, for the others go on.
 *
 * @throws {HomeError} naming the file and place of what is broken.
 *
 * @example
 * const home = await openHome({ paths: resolvePaths({ env: process.env, osHome: homedir(), cwd: process.cwd() }), env: process.env });
 * home.plan({ provider: "anthropic" }).candidates.map((candidate) => candidate.origin);
 */
export async function openHome(options: OpenHomeOptions): Promise<Home> {
  let current = await readSnapshot(options);
  let begun = 0;
  let shown = 0;
  return Object.freeze({
    get current() {
      return current;
    },
    plan(query) {
      const { providers, agents, env, resolver, config, salt, paths } = current;
      const provider = providers.find(query.provider);
      if (!provider) {
        throw new HomeError("unknown-model", `Unknown provider "${query.provider}"`, {
          hint: `add it under models.providers in ${paths.display(paths.configPath)}`,
        });
      }
      const profiles = agents.find(query.agentId).profiles();
      return createPlan(query, { provider, profiles, env, resolver, salt, defaults: config.secrets?.defaults ?? {} });
    },
    async reload() {
      const turn = (begun += 1);
      const next = await readSnapshot(options);
      requireWhatWorked(current.agents, next.agents);
      // Of two reloads at once the one that began later has read the newer files, whichever ends first.
      if (turn < shown) return;
      shown = turn;
      current = next;
    },
  } satisfies Home);
}

/** Throws the error of the first agent that could be read before and no longer can. */
function requireWhatWorked(before: Agents, after: Agents): void {
  for (const id of [undefined, ...after.ids]) {
    const known = id === undefined || before.ids.includes(id) ? before.find(id) : undefined;
    if (known && isReadable(known)) after.find(id).profiles();
  }
}

function isReadable(agent: AgentAccounts): boolean {
  try {
    agent.profiles();
    return true;
  } catch {
    return false;
  }
}
