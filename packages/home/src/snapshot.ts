import { profileFailover, renewOnce, type Advance, type Plan } from "@openclaw/key-rotation";
import type { Fetch, OAuthProfile, ProfileSecrets, Refresher } from "@openclaw/auth-profiles";
import {
  createSecretResolver,
  systemClock,
  type ActiveSecrets,
  type Clock,
  type Env,
  type ReloadReport,
  type SecretResolver,
  type StartBackoffOptions,
} from "@openclaw/secrets";
import type { AgentStorages } from "./agent-storage.ts";
import { readAgents, type Agents } from "./agents.ts";
import { findConfig, parseConfig, type Config } from "./config.ts";
import { mergeEnv, readEnvFile, type EnvLayers } from "./env.ts";
import { readEnvLayers } from "./env-layers.ts";
import { lookUp, type HomeSecrets } from "./home-secrets.ts";
import { findReferences, type BrokenReference, type HomeReferences, type HomeUse } from "./secret-surfaces.ts";
import { failClosed } from "./fail-closed.ts";
import { readFingerprintSalt } from "./fingerprint-salt.ts";
import { misspeltKeys } from "./misspelt-keys.ts";
import { modelSettings, type ModelSettings } from "./models.ts";
import type { HomePaths } from "./paths.ts";
import { readCommitted } from "./pending-files.ts";
import { createHomePlans } from "./home-plans.ts";
import type { PlanQuery } from "./plan.ts";
import { createProviderTable, type ProviderTable } from "./provider-table.ts";
import { requireConfig, requireStores } from "./require-what-worked.ts";
import { unknownCredentials } from "./unknown-credentials.ts";
import { trialDefaults, type TrialOptions } from "./trial.ts";

/** Everything a request needs to know, read once and frozen. */
export interface HomeSnapshot {
  readonly paths: HomePaths;
  readonly config: Config;
  readonly env: EnvLayers;
  readonly agents: Agents;
  readonly providers: ProviderTable;
  readonly resolver: SecretResolver;
  /** Every reference of the home, resolved; none is resolved while a request waits. `Home.renew` puts newer values of the same references here. */
  readonly secrets: ActiveSecrets;
  /** What any reference stands for, without waiting. */
  readonly lookUp: ProfileSecrets;
  /** References that break a rule of their form. Their owners are off. */
  readonly brokenReferences: readonly BrokenReference[];
  /** What a person should know and repair: files that are too open or ignored, a login shell that did not answer. Holds no value. */
  readonly warnings: readonly string[];
  /** Salt of the fingerprints shown to people. */
  readonly salt: Uint8Array;
  /** The failover policy of `auth.cooldowns`. */
  readonly advance: Advance;
  /** Whether a pinned profile is the only one, or the first choice. */
  readonly pins: "strict" | "prefer";
  models(agentId?: string): ModelSettings;
  /**
   * The ordered credentials for a provider and model.
   *
   * @throws {HomeError} `unknown-agent` or `unknown-model`.
   * @throws {AuthProfileError} when the agent's store is broken, or the pinned profile cannot be used.
   */
  plan(query: PlanQuery): Plan;
}

/** What a home is opened with. */
export interface OpenHomeOptions {
  readonly paths: HomePaths;
  readonly env: Env;
  readonly clock?: Clock;
  /** How logins are refreshed. The system's unless given. */
  readonly fetch?: Fetch;
  /** `requests` unless given. */
  readonly use?: HomeUse;
  /** Places of the configuration that something else took the part of, and what. */
  readonly replaced?: Readonly<Record<string, string>>;
  /** Ends what is under way, commands included, also while the home is being opened. */
  readonly signal?: AbortSignal;
  /**
   * For a program that somebody starts again whenever it ends: providers of secrets that fail are asked again,
   * and spared by the next starts, for which a file is kept in the state folder.
   */
  readonly startBackoff?: Pick<StartBackoffOptions, "random" | "onStampError">;
  /** Fills in what a home lacks to be tried out. */
  readonly trial?: TrialOptions;
}

/** What lives as long as a home is open, from one reading of its files to the next. */
export interface HomeTools {
  readonly secrets: HomeSecrets;
  readonly refresher: Refresher;
  /** Whether the home, as it is when somebody looks, knows where a login is refreshed. */
  readonly canRefresh: (profile: OAuthProfile) => boolean;
  readonly storages: AgentStorages;
}

/** A reading of the files, and how its references fared. */
export interface ReadHome {
  /** `undefined` when the last known good stays. */
  readonly reading: Reading | undefined;
  readonly report: ReloadReport;
}

/** A snapshot, and what it was made of. */
export interface Reading {
  readonly snapshot: HomeSnapshot;
  readonly parts: Parts;
  /** Gives the snapshot newer values of the same references. */
  adopt(secrets: ActiveSecrets): void;
}

interface Parts {
  readonly config: Config;
  /** Whether there was an `openclaw.json`. */
  readonly hasConfig: boolean;
  readonly agents: Agents;
  readonly salt: Uint8Array;
  readonly references: HomeReferences;
  /** What it was merged of is not kept: that is plain text. */
  readonly env: EnvLayers;
  /** Adds a weakest layer. Only of a home that is tried out, whose keys are everybody's. */
  readonly withLayer: ((layer: Env) => EnvLayers) | undefined;
  readonly resolver: SecretResolver;
  readonly warnings: readonly string[];
  readonly look: Look;
  readonly advance: Advance;
}

/** What references stand for. Known only after the files were read; what reads the accounts does not look anything up. */
interface Look extends ProfileSecrets {
  active: ActiveSecrets;
  resolver: SecretResolver | undefined;
}

/**
 * Reads every file of a home once and resolves every reference in it.
 *
 * @throws {HomeError} naming the file and place of what is broken.
 * @throws {SecretsError} `activation-failed` where `secrets.onFailure` is `strict` and nothing was there before.
 * @throws {HomeError} `config-unreadable` for an `openclaw.json` that was there `before` and is gone.
 * @throws {AuthProfileError} for a store that worked `before` and no longer does.
 * @throws what `accept` throws, with everything as it was.
 */
export async function readSnapshot(options: OpenHomeOptions, tools: HomeTools, { before, accept }: ReadAfter = {}): Promise<ReadHome> {
  const { paths, clock = systemClock } = options;
  const { secrets, refresher, canRefresh, storages } = tools;
  const look = createLook(secrets);
  const files = await readCommitted(paths.stateDir, (pathOf) =>
    readFiles({ paths, clock, pathOf, secrets: look, refresher, canRefresh, storages }),
  );
  const { config, envFile, ...rest } = files;
  if (before) requireConfig(before.parts, rest, paths);
  if (before) requireStores(before.parts.agents, rest.agents);
  const references = referencesOf(options, config, rest.agents);
  const sources = { paths, env: options.env, envFile, config, references, clock, signal: options.signal };
  const { layers, warnings } = await readEnvLayers(sources);
  const { providers, resolution, onFailure = "strict" } = config.secrets ?? {};
  const env = mergeEnv(layers);
  const resolver = createSecretResolver({ env: env.values, providers, limits: resolution, home: paths.home, clock });

  const readingWith = (active: ActiveSecrets) => {
    look.active = active;
    look.resolver = resolver;
    return createReading(options, {
      ...rest,
      config,
      references,
      env,
      withLayer: options.trial && ((keys) => mergeEnv([...layers, ["sandbox", keys]])),
      resolver,
      warnings,
      look,
      advance: createAdvance(config, clock),
    });
  };
  const report = await secrets.activate({ ...references, resolver, onFailure }, accept && ((next) => accept(readingWith(next).snapshot)));
  return { reading: report.outcome === "kept" ? undefined : readingWith(secrets.current), report };
}

/** What a reading takes the place of. */
interface ReadAfter {
  readonly before?: Pick<Reading, "parts">;
  /** Judges what is to take its place. */
  readonly accept?: AcceptSnapshot | undefined;
}

/** Throws where a snapshot must not take the place of the one before it. */
export type AcceptSnapshot = (next: HomeSnapshot) => Promise<void>;

/**
 * Reads the stores again, and nothing else. Undefined where that is not enough, because the references in them
 * are others now.
 *
 * @throws as {@link readSnapshot} does.
 */
export async function readAccounts(options: OpenHomeOptions, tools: HomeTools, { parts }: Reading): Promise<Reading | undefined> {
  const { paths, clock = systemClock } = options;
  const { config, look } = parts;
  const { refresher, canRefresh, storages } = tools;
  const agents = await readCommitted(paths.stateDir, (pathOf) =>
    readAgents({ config, paths, clock, pathOf, secrets: look, refresher, canRefresh, storages }),
  );
  requireStores(parts.agents, agents);
  const references = referencesOf(options, config, agents);
  return sameReferences(references, parts.references) ? createReading(options, { ...parts, agents }) : undefined;
}

function createReading(options: OpenHomeOptions, parts: Parts): Reading {
  const { paths } = options;
  const { config, agents, salt, references, env, withLayer, resolver, warnings, look, advance } = parts;
  const trial = options.trial && trialDefaults({ config, env, profiles: agents.find().profiles(), options: options.trial });
  const read = {
    paths,
    config,
    env: (trial?.env && withLayer?.(trial.env)) ?? env,
    agents,
    providers: createProviderTable(config, trial?.baseUrls),
    salt,
  };
  const snapshot: HomeSnapshot = Object.freeze({
    ...read,
    resolver,
    get secrets() {
      return look.active;
    },
    lookUp: look,
    brokenReferences: references.broken,
    warnings: Object.freeze([...warnings, ...misspeltKeys(config), ...unknownCredentials(read)]),
    advance,
    pins: config.auth?.pins ?? "strict",
    models: (agentId?: string) => modelSettings(config, agents.find(agentId).config, trial?.defaultModel),
    plan: createHomePlans({ ...read, secrets: look, secretsNow: () => look.active }),
  });
  return {
    snapshot,
    parts,
    adopt(secrets) {
      look.active = secrets;
    },
  };
}

function createAdvance({ auth }: Config, clock: Clock): Advance {
  const { rateLimitedProfileRotations, overloadedProfileRotations } = auth?.cooldowns ?? {};
  const failover = profileFailover({
    ...(rateLimitedProfileRotations !== undefined && { rateLimitedProfileRotations }),
    ...(overloadedProfileRotations !== undefined && { overloadedProfileRotations }),
  });
  return renewOnce(failClosed(failover), { clock });
}

function createLook(secrets: HomeSecrets): Look {
  const look: Look = {
    active: secrets.current,
    resolver: undefined,
    outcomeOf: (ref) => (look.resolver ? lookUp(look.active, look.resolver).outcomeOf(ref) : undefined),
    async renew(ref, signal) {
      const { resolver } = look;
      if (!resolver) return undefined;
      if (await secrets.renewReference(ref, resolver, signal)) look.active = secrets.current;
      return look.outcomeOf(ref);
    },
  };
  return look;
}

function referencesOf({ use = "requests", replaced }: OpenHomeOptions, config: Config, agents: Agents): HomeReferences {
  return findReferences(config, agents, { use, ...(replaced && { replaced }) });
}

/** Whether what is to be resolved is the same, in places and all. */
function sameReferences(left: HomeReferences, right: HomeReferences): boolean {
  const describe = ({ surfaces, broken }: HomeReferences) => JSON.stringify([surfaces, broken.map(({ path }) => path)]);
  return describe(left) === describe(right);
}

interface ReadFilesOptions extends Pick<HomeTools, "refresher" | "canRefresh" | "storages"> {
  readonly paths: HomePaths;
  readonly clock: Clock;
  readonly pathOf: (path: string) => string;
  readonly secrets: ProfileSecrets;
}

/** One after the other, so that of several broken files the same one is always named first. */
async function readFiles({ pathOf, ...options }: ReadFilesOptions) {
  const { paths } = options;
  const { configPath } = paths;
  const found = await findConfig(pathOf(configPath));
  const config = found ?? parseConfig("{}", configPath);
  const envFile = await readEnvFile(pathOf(paths.envFile));
  const salt = await readFingerprintSalt(paths.stateDir);
  const agents = await readAgents({ ...options, config, pathOf });
  return { config, hasConfig: found !== undefined, envFile, salt, agents };
}
