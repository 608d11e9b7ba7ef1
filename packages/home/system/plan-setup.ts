import { createAuthProfiles, parseAuthStore, type ProfileSecrets, type ProfileSet, type ProfileStorage } from "@openclaw/auth-profiles";
import type { Plan } from "@openclaw/key-rotation";
import { authProviderId } from "@openclaw/providers";
import { createSecretResolver, type Clock, type Env } from "@openclaw/secrets";
import { manualClock } from "@openclaw/testkit";
import type { AuthConfig } from "../src/auth-config.ts";
import { parseConfig, type ProviderConfig } from "../src/config.ts";
import { mergeEnv } from "../src/env.ts";
import { createPlanner, type PlanQuery } from "../src/plan.ts";
import { createProviderTable } from "../src/provider-table.ts";

/** What plans are made of, without files. */
export interface PlanSetup {
  readonly store?: object;
  readonly auth?: AuthConfig;
  readonly env?: Env;
  readonly providers?: Readonly<Record<string, ProviderConfig>>;
  readonly clock?: Pick<Clock, "now">;
  /** What references lead to, where that is not the environment. */
  readonly secrets?: ProfileSecrets;
  /** Another object whenever that may have changed. */
  readonly secretsNow?: () => unknown;
}

/** The plans of one provider, from the same sources each time. */
export async function plansOf(name: string, setup: PlanSetup = {}): Promise<(query?: Omit<PlanQuery, "provider">) => Plan> {
  const env = mergeEnv([["env", setup.env ?? {}]]);
  const secrets = setup.secrets ?? createSecretResolver({ env: env.values });
  const config = parseConfig(JSON.stringify({ auth: setup.auth, models: { providers: setup.providers ?? {} } }), "openclaw.json");
  const { order, profiles, credentials } = config.auth ?? {};
  const provider = createProviderTable(config).find(name);
  if (!provider) throw new Error(`no provider ${name}`);
  const set: ProfileSet = await createAuthProfiles({
    storage: storageOf(setup.store ?? {}),
    secrets,
    config: { ...(order && { order }), ...(profiles && { profiles }), ...(credentials && { credentials }) },
    normalizeProvider: authProviderId,
    clock: setup.clock ?? manualClock(),
  }).read();
  const planner = createPlanner({
    provider,
    env,
    secrets,
    secretsNow: setup.secretsNow ?? (() => secrets),
    defaults: {},
    salt: new Uint8Array(32),
    auth: config.auth ?? {},
  });
  return (query = {}) => planner({ provider: name, ...query }, set);
}

function storageOf(store: object): ProfileStorage {
  return {
    storePath: "/store",
    read: async () => parseAuthStore(store),
    update: () => Promise.reject(new Error("only read")),
    probe: async () => undefined,
    realPath: async () => "/store",
  };
}
