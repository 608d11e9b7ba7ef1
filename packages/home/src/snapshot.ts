import { profileFailover, type Advance } from "@openclaw/key-rotation";
import { createSecretResolver, systemClock, type Clock, type Env, type SecretResolver } from "@openclaw/secrets";
import { readAgents, type Agents } from "./agents.ts";
import { readConfig, type Config } from "./config.ts";
import { mergeEnv, readEnvFile, type EnvLayer, type EnvLayers } from "./env.ts";
import { readFingerprintSalt } from "./fingerprint-salt.ts";
import { modelSettings, type ModelSettings } from "./models.ts";
import type { HomePaths } from "./paths.ts";
import { createProviderTable, type ProviderTable } from "./provider-table.ts";
import { trialDefaults, type TrialOptions } from "./trial.ts";

/** Everything a request needs to know, read once and frozen. */
export interface HomeSnapshot {
  readonly paths: HomePaths;
  readonly config: Config;
  readonly env: EnvLayers;
  readonly agents: Agents;
  readonly providers: ProviderTable;
  readonly resolver: SecretResolver;
  /** Salt of the fingerprints shown to people. */
  readonly salt: Uint8Array;
  /** The failover policy of `auth.cooldowns`. */
  readonly advance: Advance;
  models(agentId?: string): ModelSettings;
}

/** What a home is opened with. */
export interface OpenHomeOptions {
  readonly paths: HomePaths;
  readonly env: Env;
  readonly clock?: Pick<Clock, "now">;
  /** Fills in what a home lacks to be tried out. */
  readonly trial?: TrialOptions;
}

/**
 * Reads every file of a home once.
 *
 * @throws {HomeError} naming the file and place of what is broken.
 */
export async function readSnapshot(options: OpenHomeOptions): Promise<HomeSnapshot> {
  const { paths, clock = systemClock } = options;
  // One after the other, so that of several broken files the same one is always named first.
  const config = await readConfig(paths.configPath);
  const envFile = await readEnvFile(paths.envFile);
  const salt = await readFingerprintSalt(paths.stateDir);
  const layers: readonly (readonly [EnvLayer, Env])[] = [
    ["env", options.env],
    [".env", envFile],
    ["config env", configEnv(config)],
  ];
  const env = mergeEnv(layers);
  const resolver = createSecretResolver({
    env: env.values,
    providers: config.secrets?.providers,
    limits: config.secrets?.resolution,
    home: paths.home,
  });
  const agents = await readAgents({ config, paths, resolver, clock });
  const trial = options.trial && trialDefaults({ config, env, profiles: agents.find().profiles(), options: options.trial });
  const { rateLimitedProfileRotations, overloadedProfileRotations } = config.auth?.cooldowns ?? {};
  return Object.freeze({
    paths,
    config,
    env: trial?.env ? mergeEnv([...layers, ["sandbox", trial.env]]) : env,
    agents,
    providers: createProviderTable(config, trial?.baseUrls),
    resolver,
    salt,
    advance: profileFailover({
      ...(rateLimitedProfileRotations !== undefined && { rateLimitedProfileRotations }),
      ...(overloadedProfileRotations !== undefined && { overloadedProfileRotations }),
    }),
    models: (agentId?: string) => modelSettings(config, agents.find(agentId).config, trial?.defaultModel),
  });
}

/** `env.<NAME>` and `env.vars.<NAME>` of the configuration, where they are text. */
function configEnv(config: Config): Env {
  const { vars, ...direct } = config.env ?? {};
  const nested = typeof vars === "object" && vars !== null ? Object.entries(vars) : [];
  return Object.fromEntries(
    [...nested, ...Object.entries(direct)].flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
}
