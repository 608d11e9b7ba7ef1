import {
  resolutionLimitsSchema,
  secretProvidersSchema,
  type ResolutionLimits,
  type SecretDefaults,
  type SecretProviders,
} from "@openclaw/secrets";
import JSON5 from "json5";
import { z } from "zod";
import { authConfigSchema, type AuthConfig } from "./auth-config.ts";
import { configSurfaces } from "./config-surfaces.ts";
import { HomeError } from "./errors.ts";
import { gatewayConfigSchema, type GatewayConfig } from "./gateway-config.ts";
import { holdAsBytes } from "./held-as-bytes.ts";
import { oauthConfigSchema, type OAuthConfig } from "./oauth-config.ts";
import { isAgentId } from "./paths.ts";
import { readTextFile } from "./read-text-file.ts";
import { unprinted } from "./unprinted.ts";

type Optional<T> = T | undefined;

/** One entry of `models.providers`. */
export interface ProviderConfig {
  readonly baseUrl?: Optional<string>;
  readonly api?: Optional<string>;
  /** Text, `${NAME}`, the name of a variable, a marker, or a secret reference. */
  readonly apiKey?: unknown;
  readonly models?: Optional<readonly unknown[]>;
  /** Permits http and private address ranges for this provider. */
  readonly local?: Optional<boolean>;
  readonly oauth?: Optional<OAuthConfig>;
}

/** `provider/model` or an alias, or one with what to fall back to. */
export type ModelConfig = string | { readonly primary?: Optional<string>; readonly fallbacks?: Optional<readonly string[]> };

/** One entry of `agents.list`. */
export interface AgentConfig {
  readonly id: string;
  readonly default?: Optional<boolean>;
  readonly model?: Optional<ModelConfig>;
  readonly agentDir?: Optional<string>;
}

/**
 * The parts of `openclaw.json` that concern model authentication. Other sections are kept and ignored.
 * What it holds may be a key as plain text, so none of its objects that could hold one prints.
 */
export interface Config {
  readonly auth?: Optional<AuthConfig>;
  readonly secrets?: Optional<{
    readonly defaults?: Optional<SecretDefaults>;
    readonly providers?: Optional<SecretProviders>;
    readonly resolution?: Optional<ResolutionLimits>;
    /** `strict` unless given: one reference that does not resolve stops the start, and a reload keeps what was there. */
    readonly onFailure?: Optional<"strict" | "isolate">;
  }>;
  readonly env?: Optional<Readonly<Record<string, unknown>>>;
  readonly gateway?: Optional<GatewayConfig>;
  readonly models?: Optional<{ readonly providers?: Optional<Readonly<Record<string, ProviderConfig>>> }>;
  readonly agents?: Optional<{
    readonly defaults?: Optional<{
      readonly model?: Optional<ModelConfig>;
      readonly imageModel?: Optional<ModelConfig>;
      readonly models?: Optional<Readonly<Record<string, { readonly alias?: Optional<string> }>>>;
    }>;
    readonly list?: Optional<readonly AgentConfig[]>;
  }>;
}

/** An object of which we know a part. The rest is kept; it may be a secret. */
function open<S extends z.ZodRawShape>(shape: S) {
  return z.looseObject(shape).transform((object) => unprinted(object, "configuration"));
}

const optionalText = z.string().optional();

const modelSchema = z.union([z.string(), open({ primary: optionalText, fallbacks: z.array(z.string()).optional() })], {
  error: 'expected "provider/model" or { primary, fallbacks }',
});

const providerSchema = open({
  baseUrl: optionalText,
  api: optionalText,
  apiKey: z.unknown().optional(),
  models: z.array(z.unknown()).optional(),
  local: z.boolean().optional(),
  oauth: oauthConfigSchema.optional(),
});

const agentSchema = open({
  id: z.string().refine(isAgentId, "expected a name of letters, digits, - and _"),
  default: z.boolean().optional(),
  model: modelSchema.optional(),
  agentDir: optionalText,
});

const configSchema: z.ZodType<Config> = open({
  auth: authConfigSchema.optional(),
  secrets: open({
    defaults: z.strictObject({ env: optionalText, file: optionalText, exec: optionalText }).optional(),
    providers: secretProvidersSchema.optional(),
    resolution: resolutionLimitsSchema.optional(),
    onFailure: z.enum(["strict", "isolate"]).optional(),
  }).optional(),
  env: z
    .record(z.string(), z.unknown())
    .transform((env) => unprinted(env, "environment"))
    .optional(),
  gateway: gatewayConfigSchema.optional(),
  models: open({ providers: z.record(z.string(), providerSchema).optional() }).optional(),
  agents: open({
    defaults: open({
      model: modelSchema.optional(),
      imageModel: modelSchema.optional(),
      models: z.record(z.string(), open({ alias: optionalText })).optional(),
    }).optional(),
    list: z.array(agentSchema).optional(),
  }).optional(),
});

/**
 * Reads `openclaw.json` (JSON5). A missing file is an empty configuration.
 *
 * @throws {HomeError} `config-unreadable` or `config-invalid`, with the place of each problem and never a value.
 */
export async function readConfig(path: string): Promise<Config> {
  return (await findConfig(path)) ?? parseConfig("{}", path);
}

/**
 * Reads `openclaw.json` where there is one.
 *
 * @throws {HomeError} as {@link readConfig} does.
 */
export async function findConfig(path: string): Promise<Config | undefined> {
  const text = await readTextFile(path, "config-unreadable");
  return text === undefined ? undefined : parseConfig(text, path);
}

/**
 * Parses the text of an `openclaw.json`; `path` is for messages. The result is frozen throughout.
 *
 * @throws {HomeError} `config-invalid`.
 */
export function parseConfig(text: string, path: string): Config {
  const parsed = configSchema.safeParse(parseJson5(text, path));
  if (parsed.success) return freezeDeep(withKeysAsBytes(parsed.data));
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue));
  throw new HomeError("config-invalid", `${path} is not valid:\n${problems.map((problem) => `  ${problem}`).join("\n")}`, {
    hint: "correct the named keys; everything else in the file is kept as it is",
  });
}

function problemsOf(issue: z.core.$ZodIssue): readonly string[] {
  const at = (path: readonly PropertyKey[]) => path.map(String).join(".") || "(top level)";
  if (issue.code === "invalid_key") return issue.issues.map(({ message }) => `${at(issue.path)}: ${message}`);
  if (issue.code !== "unrecognized_keys") return [`${at(issue.path)}: ${issue.message}`];
  // Where the schema knows better than zod's own text what there is.
  const what = issue.message.startsWith("unknown key") ? issue.message : "unknown key";
  return issue.keys.map((key) => `${at([...issue.path, key])}: ${what}`);
}

/** The parser quotes the file in its message, which may be a key: only the position is passed on. */
function parseJson5(text: string, path: string): unknown {
  try {
    const parsed: unknown = JSON5.parse(text);
    JSON5.parse("0"); // It holds on to the last text it was given, and that one is full of keys.
    return parsed;
  } catch (error) {
    if (!(error instanceof Error && "lineNumber" in error && "columnNumber" in error)) throw error;
    throw new HomeError("config-invalid", `${path}:${error.lineNumber}:${error.columnNumber}: not valid JSON5`, {
      hint: `open it at line ${error.lineNumber}, column ${error.columnNumber}`,
    });
  }
}

/** Keys as plain text are text only while they are read: those of the table of secrets, and the environment's. */
function withKeysAsBytes(config: Config): Config {
  for (const { segments } of configSurfaces(config)) hold(config, segments);
  for (const name of Object.keys(config.env ?? {})) hold(config, ["env", name]);
  for (const name of Object.keys(membersOf(config.env?.["vars"]))) hold(config, ["env", "vars", name]);
  return config;
}

function hold(object: object, [name, ...rest]: readonly string[]): void {
  if (name === undefined) return;
  const value = membersOf(object)[name];
  if (rest.length > 0) hold(membersOf(value), rest);
  else if (typeof value === "string") holdAsBytes(object, name, value);
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function freezeDeep<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const inner of Object.values(value)) freezeDeep(inner);
  return Object.freeze(value);
}
