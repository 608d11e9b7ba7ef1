import type { AuthStore } from "@openclaw/auth-profiles";
import type { HomeSnapshot } from "@openclaw/home";
import { authProviderId } from "@openclaw/providers";
import { CliError } from "../exit.ts";
import { nearest } from "../secrets-explain/nearest.ts";

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

/** The agent's own order. What the configuration or another agent says is not its. */
export async function readOrder(home: HomeSnapshot, query: OrderQuery): Promise<OrderReport> {
  const provider = requireProvider(query.provider);
  const { id, dir, storePath, storage } = home.agents.find(query.agentId);
  const order = orderIn(await storage.read(), provider) ?? null;
  return { agentId: id, agentDir: dir, provider, authStorePath: home.paths.display(storePath), order };
}

/**
 * Sets the order. An agent may name the accounts it reads through to main for.
 *
 * @throws {CliError} for an account that is not there, or of another provider; nothing was written.
 */
export async function setOrder(home: HomeSnapshot, query: OrderQuery, ids: readonly string[]): Promise<OrderReport> {
  const provider = requireProvider(query.provider);
  const { dir, storage } = home.agents.find(query.agentId);
  const { profiles: shared } = await home.agents.find("main").storage.read();
  const wanted = [...new Set(ids.map((id) => id.trim()))];
  await storage.update(
    (draft) => {
      const profiles = new Map([...shared, ...draft.store.profiles]);
      for (const id of wanted) {
        const profile = profiles.get(id);
        if (profile === undefined) throw notFound(id, dir, [...profiles.keys()]);
        if (authProviderId(profile.provider) === provider) continue;
        throw new CliError(`Auth profile "${id}" is for ${authProviderId(profile.provider)}, not ${provider}.`);
      }
      draft.setOrder(provider, wanted);
    },
    { signal: query.signal },
  );
  return readOrder(home, query);
}

/** Takes the order away, if there is one. A store that is not there is made. */
export async function clearOrder(home: HomeSnapshot, query: OrderQuery): Promise<OrderReport> {
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
export function notFound(id: string, dir: string, known: readonly string[]): CliError {
  const near = nearest(id, known);
  const hint = near.length > 0 ? `there is ${near.join(", ")}` : "openclaw models auth list shows what there is";
  return new CliError(`Auth profile "${id}" not found in ${dir}.`, hint);
}

function orderIn({ order }: AuthStore, provider: string): readonly string[] | undefined {
  return order[provider] ?? Object.entries(order).find(([name]) => authProviderId(name) === provider)?.[1];
}

function requireProvider(text: string): string {
  const provider = authProviderId(text);
  if (provider === "") throw new CliError("--provider is empty");
  return provider;
}
