import { strategies, type Strategy } from "@openclaw/key-rotation";
import { z } from "zod";
import { unprinted } from "./unprinted.ts";

type Optional<T> = T | undefined;

/** How one of several credentials is chosen; `window` is the limit that counts. */
export type StrategyConfig = Strategy | { readonly strategy: "most-headroom"; readonly window?: Optional<string> };

/** What an operator says of the use of single credentials. */
interface CredentialConfig {
  /** Names a quota that several share, such as one cloud project. */
  readonly bucket?: Optional<string>;
  /** How many requests may be under way with it at once. */
  readonly maxConcurrent?: Optional<number>;
}

/** `auth` of `openclaw.json`. It holds no secrets. */
export interface AuthConfig {
  readonly profiles?: Optional<
    Readonly<Record<string, { readonly provider: string; readonly mode: "api_key" | "oauth" | "token"; readonly email?: Optional<string> }>>
  >;
  readonly order?: Optional<Readonly<Record<string, readonly string[]>>>;
  readonly cooldowns?: Optional<{
    readonly billingBackoffHours?: Optional<number>;
    /** By provider, in any spelling. */
    readonly billingBackoffHoursByProvider?: Optional<Readonly<Record<string, number>>>;
    readonly billingMaxHours?: Optional<number>;
    readonly failureWindowHours?: Optional<number>;
    readonly rateLimitedProfileRotations?: Optional<number>;
    readonly overloadedProfileRotations?: Optional<number>;
    /** How long a request waits for the first credential to recover when all cool down. 0 unless set. */
    readonly maxWaitMs?: Optional<number>;
  }>;
  /** `strict` unless set: a pinned profile or an error. With `prefer` it is tried first, and the others after it. */
  readonly pins?: Optional<"strict" | "prefer">;
  /** `refuse` unless set: a pin or an order that names a flat plan does not go on to keys that are paid per token. */
  readonly billingCrossing?: Optional<"allow" | "refuse">;
  /** By provider, in any spelling; `*` for all others. */
  readonly strategies?: Optional<Readonly<Record<string, StrategyConfig>>>;
  /** By profile id, variable (`OPENAI_API_KEYS`, `OPENAI_API_KEYS[2]`) or place (`models.providers.openai.apiKey`). */
  readonly credentials?: Optional<Readonly<Record<string, CredentialConfig>>>;
}

const count = z.int().nonnegative().optional();
const amount = z.number().nonnegative().optional();
const name = z.string().trim().min(1);

const strategySchema: z.ZodType<StrategyConfig> = z.union(
  [z.enum(strategies), z.strictObject({ strategy: z.literal("most-headroom"), window: name.optional() })],
  { error: `expected ${strategies.map((strategy) => JSON.stringify(strategy)).join(", ")} or { strategy: "most-headroom", window: "7d" }` },
);

/** Others add to it what they like. */
const metadataSchema = z
  .looseObject({ provider: z.string(), mode: z.enum(["api_key", "oauth", "token"]), email: z.string().optional() })
  .transform((metadata) => unprinted(metadata, "configuration"));

/** Strict: a misspelt member would be a rule that silently does not hold. */
export const authConfigSchema: z.ZodType<AuthConfig> = z.strictObject({
  profiles: z.record(z.string(), metadataSchema).optional(),
  order: z.record(z.string(), z.array(z.string())).optional(),
  cooldowns: z
    .strictObject({
      billingBackoffHours: amount,
      billingBackoffHoursByProvider: z.record(z.string(), z.number().nonnegative()).optional(),
      billingMaxHours: amount,
      failureWindowHours: amount,
      overloadedProfileRotations: count,
      overloadedBackoffMs: amount,
      rateLimitedProfileRotations: count,
      maxWaitMs: amount,
    })
    .optional(),
  pins: z.enum(["strict", "prefer"]).optional(),
  billingCrossing: z.enum(["allow", "refuse"]).optional(),
  strategies: z.record(z.string(), strategySchema).optional(),
  credentials: z.record(z.string(), z.strictObject({ bucket: name.optional(), maxConcurrent: z.int().positive().optional() })).optional(),
});
