import {
  configVariables,
  HomeError,
  isCredentialVariable,
  mergeEnv,
  readEnvFile,
  type Config,
  type EnvLayer,
  type EnvLayers,
} from "@openclaw/home";
import { readCredentialText, readPrivateFile, Secret, type Env } from "@openclaw/secrets";
import { brokenFile, emptySource, type AuditSource, type KnownSecret, type SecretPlace } from "./audit-source.ts";
import type { AuditFinding } from "./audit-types.ts";
import { readStanding } from "./standing-value.ts";

const LARGEST_ENV_FILE = 1024 ** 2;

/** The environment as requests see it, but for the login shell, which an audit does not run. */
export interface AuditEnv {
  readonly layers: EnvLayers;
  /** By layer, the strongest first. */
  readonly byLayer: readonly (readonly [EnvLayer, Env])[];
  readonly findings: readonly AuditFinding[];
}

/** Lays the environment of the process, `.env` and that of the configuration over each other. */
export async function readAuditEnv(processEnv: Env, envFile: string, from: string, config: Config): Promise<AuditEnv> {
  const findings: AuditFinding[] = [];
  const fileEnv = await readEnvFile(from).catch((error: unknown): Env => {
    if (!(error instanceof HomeError)) throw error;
    findings.push(brokenFile(envFile, error.message.replaceAll(from, envFile)));
    return {};
  });
  const configured = Object.fromEntries(configVariables(config).map(({ name, value }) => [name, value]));
  const byLayer = [
    ["env", processEnv] as const,
    [".env", inFileOrder(fileEnv, await readText(from))] as const,
    ["config env", configured] as const,
  ];
  return { layers: mergeEnv(byLayer), byLayer, findings };
}

/** The parser sorts the names. */
function inFileOrder(env: Env, text: string): Env {
  const written = Array.from(text.matchAll(/^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=/gmu), ([, name = ""]) => name);
  const names = new Set([...written.filter((name) => Object.hasOwn(env, name)), ...Object.keys(env)]);
  return Object.fromEntries(Array.from(names, (name) => [name, env[name]]));
}

/** What is wrong with the file has been told already. */
async function readText(path: string): Promise<string> {
  const bytes = await readPrivateFile(path, { maxBytes: LARGEST_ENV_FILE, followLink: true }).catch(() => undefined);
  return bytes?.toString("utf8") ?? "";
}

/**
 * The keys that stand in `.env`, and every value that a variable gives: one of a provider, or one that
 * a reference `names`.
 */
export function readEnvSource(env: AuditEnv, options: EnvSourceOptions): AuditSource {
  const source = emptySource();
  const { envFile, providers } = options;
  for (const [layer, variables] of env.byLayer) {
    for (const [name, value] of Object.entries(variables)) {
      const isCredential = isCredentialVariable(name, providers);
      const standing = isCredential || options.named.has(name) ? readStanding(value, env.layers, true) : undefined;
      if (standing?.kind !== "plaintext") continue;
      source.secrets.push(...secretsOf(name, value ?? "", layer, env, options));
      if (layer !== ".env" || !isCredential) continue;
      const message = `${name} is stored as plaintext in .env.`;
      source.findings.push({ code: "PLAINTEXT_FOUND", severity: "warn", file: envFile, jsonPath: `$env.${name}`, message });
    }
  }
  return source;
}

/** What the environment is looked at with. */
export interface EnvSourceOptions {
  readonly envFile: string;
  readonly configFile: string;
  readonly config: Config;
  /** Ids of the configured providers. */
  readonly providers: readonly string[];
  /** Variables that references point at. */
  readonly named: ReadonlySet<string>;
}

/** The parts of a list such as `OPENAI_API_KEYS` are values of their own, in the place of the whole. */
function secretsOf(name: string, value: string, layer: EnvLayer, env: AuditEnv, options: EnvSourceOptions): readonly KnownSecret[] {
  const label = env.layers.layerOf(name) === layer ? name : `${name} (${layer})`;
  const places = placesOf(name, layer, options);
  const parts = name.endsWith("_API_KEYS") ? value.split(/[\s,;]+/u).filter((part) => part !== "") : [value];
  return parts.map((part) => ({ label, secret: readCredentialText(part) ?? Secret.of(part), places }));
}

function placesOf(name: string, layer: EnvLayer, { envFile, configFile, config }: EnvSourceOptions): readonly SecretPlace[] {
  if (layer === ".env") return [{ kind: "env", file: envFile, name }];
  if (layer !== "config env") return [];
  const variables = configVariables(config).filter((variable) => variable.name === name);
  return variables.map(({ path }) => ({ kind: "json", file: configFile, path, dialect: "json5" }));
}
