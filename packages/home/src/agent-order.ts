import { AuthProfileError, type AuthStore } from "@openclaw/auth-profiles";
import { authProviderId } from "@openclaw/providers";
import { HomeError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import type { HomeSnapshot } from "./snapshot.ts";

/** An agent's own order of a provider's accounts. The field names are OpenClaw's. */
export interface OrderReport {
  readonly agentId: string;
  readonly agentDir: string;
  readonly provider: string;
  /** As it is shown to people. */
  readonly authStorePath: string;
  readonly order: readonly string[] | null;
}

/** Whose order of what. */
export interface OrderQuery {
  readonly agentId: string | undefined;
  readonly provider: string;
  readonly signal: AbortSignal;
}

type OrderHome = Pick<HomeSnapshot, "agents" | "paths">;

/** The agent's own order. What the configuration or another agent says is not its. @throws {HomeError} where no provider is named. */
export async function readOrder(home: OrderHome, query: OrderQuery): Promise<OrderReport> {
  const provider = requireProvider(query.provider);
  const { id, dir, storePath, storage } = home.agents.find(query.agentId);
  const order = orderIn(await storage.read(), provider) ?? null;
  return { agentId: id, agentDir: dir, provider, authStorePath: home.paths.display(storePath), order };
}

/**
 * Sets the order. An agent may name the accounts it reads through to main for.
 *
 * @throws {AuthProfileError} `profile-not-found` for an account that is not there, `profile-unusable` for one of another
 * provider; nothing was written.
 */
export async function setOrder(home: OrderHome, query: OrderQuery, ids: readonly string[]): Promise<OrderReport> {
  const provider = requireProvider(query.provider);
  const { dir, storage } = home.agents.find(query.agentId);
  const { profiles: shared } = await home.agents.find("main").storage.read();
  const wanted = [...new Set(ids.map((id) => id.trim()))];
  await storage.update(
    (draft) => {
      const profiles = new Map([...shared, ...draft.store.profiles]);
      for (const id of wanted) {
        const profile = profiles.get(id);
        if (profile === undefined) throw profileNotFound(id, dir, [...profiles.keys()]);
        if (authProviderId(profile.provider) === provider) continue;
        throw new AuthProfileError(
          "profile-unusable",
          `Auth profile "${id}" is for ${authProviderId(profile.provider)}, not ${provider}.`,
          {
            profileId: id,
          },
        );
      }
      draft.setOrder(provider, wanted);
    },
    { signal: query.signal },
  );
  return readOrder(home, query);
}

/** Takes the order away, if there is one. A store that is not there is made. */
export async function clearOrder(home: OrderHome, query: OrderQuery): Promise<OrderReport> {
  const provider = requireProvider(query.provider);
  await home.agents.find(query.agentId).storage.update(
    (draft) => {
      draft.setOrder(provider, undefined);
      draft.create();
    },
    { signal: query.signal },
  );
  return readOrder(home, query);
}

/** That there is no such account, with those whose names are like it. */
export function profileNotFound(id: string, dir: string, known: readonly string[]): AuthProfileError {
  const near = nearest(id, known);
  const hint = near.length > 0 ? `there is ${near.join(", ")}` : "openclaw models auth list shows what there is";
  return new AuthProfileError("profile-not-found", `Auth profile "${id}" not found in ${dir}.`, { profileId: id, hint });
}

function orderIn({ order }: AuthStore, provider: string): readonly string[] | undefined {
  const named = Object.entries(order);
  return (named.find(([name]) => name === provider) ?? named.find(([name]) => authProviderId(name) === provider))?.[1];
}

function requireProvider(text: string): string {
  const provider = authProviderId(text);
  if (provider === "") throw new HomeError("unknown-model", "No provider was named");
  return provider;
}
