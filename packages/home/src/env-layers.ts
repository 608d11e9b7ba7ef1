import { join } from "node:path";
import type { Clock, Env } from "@openclaw/secrets";
import type { Config } from "./config.ts";
import { configVariables } from "./config-variables.ts";
import { isCredentialVariable } from "./credential-variable.ts";
import { envFileProblem, mergeEnv, type EnvLayer } from "./env.ts";
import type { HomePaths } from "./paths.ts";
import type { HomeReferences } from "./secret-surfaces.ts";
import { shellEnvSettings } from "./shell-env-settings.ts";
import { readShellEnv } from "./shell-env.ts";
import { ignoredWorkingDirectoryEnv } from "./working-directory-env.ts";

/** Where the environment of a home comes from, the strongest first. */
export interface HomeEnv {
  readonly layers: readonly (readonly [EnvLayer, Env])[];
  /** What a person should know and repair. Holds no value. */
  readonly warnings: readonly string[];
}

/** What layers are made of. */
export interface EnvSources {
  readonly paths: HomePaths;
  /** The environment of the process. */
  readonly env: Env;
  readonly envFile: Env;
  readonly config: Config;
  readonly references: HomeReferences;
  readonly clock: Clock;
  /** Ends the login shell. */
  readonly signal?: AbortSignal | undefined;
}

/** The environment of the process, `.env` of the state folder, the configuration, and the login shell where that is asked for. */
export async function readEnvLayers({ paths, env, envFile, config, references, clock, signal }: EnvSources): Promise<HomeEnv> {
  const layers: readonly (readonly [EnvLayer, Env])[] = [
    ["env", env],
    [".env", envFile],
    ["config env", Object.fromEntries(configVariables(config).map(({ name, value }) => [name, value]))],
  ];
  const providers = Object.keys(config.models?.providers ?? {});
  const warnings = [await envFileProblem(paths.envFile), await ignoredEnvProblem(paths, providers)];
  const { isEnabled, timeoutMs } = shellEnvSettings(config.env?.["shellEnv"], mergeEnv(layers).values);
  if (!isEnabled) return { layers, warnings: warnings.filter((warning) => warning !== undefined) };

  const named = new Set(references.surfaces.filter(({ ref }) => ref.source === "env").map(({ ref }) => ref.id));
  const isWanted = (name: string) => named.has(name) || isCredentialVariable(name, providers);
  const shell = await readShellEnv({ shell: env["SHELL"], env, timeoutMs, isWanted, clock, ...(signal && { signal }) });
  return {
    layers: [...layers, ["shell env", shell.env]],
    warnings: [...warnings, shell.problem].filter((warning) => warning !== undefined),
  };
}

/** A cloned repository must not choose keys or endpoints. That it tried is worth a word. */
async function ignoredEnvProblem({ workingDirectory, envFile }: HomePaths, providers: readonly string[]): Promise<string | undefined> {
  const names = await ignoredWorkingDirectoryEnv({ cwd: workingDirectory, envFile, providers });
  if (names.length === 0) return undefined;
  return `${join(workingDirectory, ".env")} is not read, so ${names.join(", ")} in it count for nothing: keys belong in ${envFile}`;
}
