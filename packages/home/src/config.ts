import { readFile } from "node:fs/promises";
import type { SecretDefaults } from "@openclaw/secrets";
import JSON5 from "json5";
import { z } from "zod";
import { HomeError } from "./errors.ts";

type Optional<T> = T | undefined;

/** One entry of `models.providers`. */
export interface ProviderConfig {
  readonly baseUrl?: Optional<string>;
  readonly api?: Optional<string>;
  /** Text, `${NAME}`, the name of a variable, a marker, or a secret reference. */
  readonly apiKey?: unknown;
  readonly auth?: Optional<string>;
  readonly models?: Optional<readonly unknown[]>;
  /** Permits http and private address ranges for this provider. */
  readonly local?: Optional<boolean>;
}

export type ModelConfig = string | { readonly primary?: Optional<string>; readonly fallbacks?: Optional<readonly string[]> };

export interface AgentConfig {
  readonly id: string;
  readonly default?: Optional<boolean>;
  readonly model?: Optional<ModelConfig>;
  readonly agentDir?: Optional<string>;
}

/** The parts of `openclaw.json` that concern model authentication. Other sections are kept and ignored. */
export interface Config {
  readonly auth?: Optional<{
    readonly profiles?: Optional<
      Readonly<
        Record<string, { readonly provider: string; readonly mode: "api_key" | "oauth" | "token"; readonly email?: Optional<string> }>
      >
    >;
    readonly order?: Optional<Readonly<Record<string, readonly string[]>>>;
    readonly cooldowns?: Optional<{
      readonly billingBackoffHours?: Optional<number>;
      readonly billingMaxHours?: Optional<number>;
      readonly failureWindowHours?: Optional<number>;
      readonly rateLimitedProfileRotations?: Optional<number>;
      readonly overloadedProfileRotations?: Optional<number>;
      /** How long a request waits for the first credential to recover when all cool down. 0 unless set. */
      readonly maxWaitMs?: Optional<number>;
    }>;
  }>;
  readonly secrets?: Optional<{ readonly defaults?: Optional<SecretDefaults> }>;
  readonly env?: Optional<Readonly<Record<string, unknown>>>;
  readonly gateway?: Optional<{
    readonly mode?: Optional<string>;
    readonly port?: Optional<number>;
    readonly bind?: Optional<string>;
    readonly auth?: Optional<{ readonly token?: unknown }>;
  }>;
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

const modelSchema = z.union([z.string(), z.looseObject({ primary: z.string().optional(), fallbacks: z.array(z.string()).optional() })], {
  error: 'expected "provider/model" or { primary, fallbacks }',
});
const count = z.int().nonnegative().optional();
const hours = z.number().nonnegative().optional();
const aliases = z.strictObject({ env: z.string().optional(), file: z.string().optional(), exec: z.string().optional() });

const authSchema = z.strictObject({
  profiles: z
    .record(z.string(), z.looseObject({ provider: z.string(), mode: z.enum(["api_key", "oauth", "token"]), email: z.string().optional() }))
    .optional(),
  order: z.record(z.string(), z.array(z.string())).optional(),
  cooldowns: z
    .strictObject({
      billingBackoffHours: hours,
      billingBackoffHoursByProvider: z.record(z.string(), z.number()).optional(),
      billingMaxHours: hours,
      failureWindowHours: hours,
      overloadedProfileRotations: count,
      overloadedBackoffMs: z.number().nonnegative().optional(),
      rateLimitedProfileRotations: count,
      maxWaitMs: z.number().nonnegative().optional(),
    })
    .optional(),
  pins: z.enum(["strict", "prefer"]).optional(),
  billingCrossing: z.enum(["allow", "refuse"]).optional(),
});

const configSchema: z.ZodType<Config> = z.looseObject({
  auth: authSchema.optional(),
  secrets: z.looseObject({ defaults: aliases.optional() }).optional(),
  env: z.record(z.string(), z.unknown()).optional(),
  gateway: z
    .looseObject({
      mode: z.string().optional(),
      port: z.int().min(0).max(65_535).optional(),
      bind: z.string().optional(),
      auth: z.looseObject({ token: z.unknown().optional() }).optional(),
    })
    .optional(),
  models: z
    .looseObject({
      providers: z
        .record(
          z.string(),
          z.looseObject({
            baseUrl: z.string().optional(),
            api: z.string().optional(),
            apiKey: z.unknown().optional(),
            auth: z.string().optional(),
            models: z.array(z.unknown()).optional(),
            local: z.boolean().optional(),
          }),
        )
        .optional(),
    })
    .optional(),
  agents: z
    .looseObject({
      defaults: z
        .looseObject({
          model: modelSchema.optional(),
          imageModel: modelSchema.optional(),
          models: z.record(z.string(), z.looseObject({ alias: z.string().optional() })).optional(),
        })
        .optional(),
      list: z
        .array(
          z.looseObject({
            id: z.string(),
            default: z.boolean().optional(),
            model: modelSchema.optional(),
            agentDir: z.string().optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});

/**
 * Reads `openclaw.json` (JSON5). A missing file is an empty configuration.
 *
 * @throws {HomeError} `config-unreadable` or `config-invalid`, with the place of each problem and never a value.
 */
export async function readConfig(path: string): Promise<Config> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    if (code === "ENOENT") return {};
    throw new HomeError("config-unreadable", `${path} cannot be read (${code})`, { hint: "make it a file you own" });
  }
  return parseConfig(text, path);
}

/** Parses the text of an `openclaw.json`; `path` is for messages. */
export function parseConfig(text: string, path: string): Config {
  const parsed = configSchema.safeParse(parseJson5(text, path));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.map(String).join(".") || "(top level)"}: ${issue.message}`);
  throw new HomeError("config-invalid", `${path} is not valid:\n${problems.map((problem) => `  ${problem}`).join("\n")}`, {
    hint: "correct the named keys; everything else in the file is kept as it is",
  });
}

/** The parser quotes the file in its message, which may be a key: only the position is passed on. */
function parseJson5(text: string, path: string): unknown {
  try {
    return JSON5.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch (error) {
    const place =
      error instanceof Error && "lineNumber" in error && "columnNumber" in error ? `:${error.lineNumber}:${error.columnNumber}` : "";
    throw new HomeError("config-invalid", `${path}${place}: not valid JSON5`, {
      hint: `open it at that place${place && ` (line${place.replace(/^:(\d+):(\d+)$/u, " $1, column $2")})`}`,
    });
  }
}
