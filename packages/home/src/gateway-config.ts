import { z } from "zod";
import { unprinted } from "./unprinted.ts";

type Optional<T> = T | undefined;

/** One entry of `gateway.clients`: somebody who shows a token of their own, and what that lets them do. */
interface GatewayClientConfig {
  /** Text, `${NAME}` or a secret reference. */
  readonly token?: unknown;
  /** `provider/model`, `provider/*`, an alias, or `openclaw/<agentId>`; every model unless given. */
  readonly models?: Optional<readonly string[]>;
  /** Ids of profiles; every credential unless given. */
  readonly profiles?: Optional<readonly string[]>;
  /** Ids of agents; every one unless given, but with `profiles` the default agent alone. */
  readonly agents?: Optional<readonly string[]>;
  /** Whether it may read `/metrics`, which tell of everybody's use; not unless given. */
  readonly metrics?: Optional<boolean>;
}

/** `gateway.limits`: how much the gateway takes on at once. */
interface GatewayLimitsConfig {
  readonly maxConnections?: Optional<number>;
  readonly maxRequests?: Optional<number>;
  readonly maxBodyBytes?: Optional<number>;
  readonly maxHeldBodyBytes?: Optional<number>;
  readonly maxEventLoopDelayMs?: Optional<number>;
  readonly maxWrongTokens?: Optional<number>;
  readonly headersTimeoutMs?: Optional<number>;
  readonly requestTimeoutMs?: Optional<number>;
  readonly writeTimeoutMs?: Optional<number>;
}

/** `gateway` of `openclaw.json`. Other parts of OpenClaw keep settings of theirs there. */
export interface GatewayConfig {
  readonly mode?: Optional<string>;
  readonly port?: Optional<number>;
  readonly bind?: Optional<string>;
  readonly auth?: Optional<{ readonly token?: unknown }>;
  /** By name. */
  readonly clients?: Optional<Readonly<Record<string, GatewayClientConfig>>>;
  /** Names it answers to besides those of this machine: `gw.example.com`, or with a port. */
  readonly allowedHosts?: Optional<readonly string[]>;
  /** Addresses or ranges of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: Optional<readonly string[]>;
  readonly limits?: Optional<GatewayLimitsConfig>;
  readonly log?: Optional<GatewayLogConfig>;
}

/** `gateway.log`: what the gateway writes of what happens. */
interface GatewayLogConfig {
  /** `text` for people, `json` for programs: one object a line. */
  readonly format?: Optional<"text" | "json">;
  readonly level?: Optional<"debug" | "info" | "warn" | "error">;
}

/** A misspelt member would be a rule that silently does not hold: it is refused, and those there are get named. */
function strict<S extends z.ZodRawShape>(shape: S) {
  const error = `unknown key; there are ${Object.keys(shape).join(", ")}`;
  return z.strictObject(shape, { error: ({ code }) => (code === "unrecognized_keys" ? error : undefined) });
}

const clientName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/u, "expected a name of letters, digits, - and _")
  .refine((name) => name !== "admin", "admin is who shows gateway.auth.token; choose another name");

const clientSchema = strict({
  // Required: without one nobody could be this client.
  token: z.unknown().refine((token) => token !== undefined && token !== null, 'expected text, "${NAME}" or a secret reference'),
  models: z.array(z.string().trim().min(1)).optional(),
  profiles: z.array(z.string().trim().min(1)).optional(),
  agents: z.array(z.string().trim().min(1)).optional(),
  metrics: z.boolean().optional(),
}).transform((client) => unprinted(client, "configuration"));

const hostSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/u, 'expected a host name or address, such as "gw.example.com"');

const addressSchema = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: 'expected an address or a range, such as "10.0.0.5" or "10.0.0.0/8"',
});

const count = z.int().positive().optional();
/** What a timer can wait. */
const duration = z
  .int()
  .positive()
  .max(2 ** 31 - 1)
  .optional();

const limitsSchema = strict({
  maxConnections: count,
  maxRequests: count,
  maxBodyBytes: count,
  maxHeldBodyBytes: count,
  maxEventLoopDelayMs: duration,
  maxWrongTokens: count,
  headersTimeoutMs: duration,
  requestTimeoutMs: duration,
  writeTimeoutMs: duration,
});

const shape = {
  mode: z.string().optional(),
  port: z.int().min(0).max(65_535).optional(),
  bind: z.string().optional(),
  auth: z
    .looseObject({ token: z.unknown().optional() })
    .transform((auth) => unprinted(auth, "configuration"))
    .optional(),
  clients: z.record(clientName, clientSchema).optional(),
  allowedHosts: z.array(hostSchema).optional(),
  trustedProxies: z.array(addressSchema).optional(),
  limits: limitsSchema.optional(),
  log: strict({ format: z.enum(["text", "json"]).optional(), level: z.enum(["debug", "info", "warn", "error"]).optional() }).optional(),
};

/** What is read of `gateway`. */
export const gatewayKeys: readonly string[] = Object.keys(shape);

export const gatewayConfigSchema: z.ZodType<GatewayConfig> = z
  .looseObject(shape)
  .transform((gateway) => unprinted(gateway, "configuration"));
