import { z } from "zod";
import { ENV_ID, providerAlias } from "./secret-ref.ts";

type Optional<T> = T | undefined;

/** Secrets are environment variables. */
export interface EnvProviderConfig {
  readonly source: "env";
  /** Names that may be read. An empty list denies all; without a list every name may. */
  readonly allowlist?: Optional<readonly string[]>;
}

/** Secrets are in a file that only its owner can read. */
export interface FileProviderConfig {
  readonly source: "file";
  /** Absolute, or below the home as `~/…`. */
  readonly path: string;
  /** `json` (default): ids are JSON pointers into one object. `singleValue`: the file is the secret, its id is `value`. */
  readonly mode?: Optional<"json" | "singleValue">;
  /** 5000 unless given. */
  readonly timeoutMs?: Optional<number>;
  /** 1 MiB unless given. */
  readonly maxBytes?: Optional<number>;
  /** Leaves owner, permissions and folders unchecked, for systems where they cannot be checked. */
  readonly allowInsecurePath?: Optional<boolean>;
}

/** Secrets are what a command answers. */
export interface ExecProviderConfig {
  readonly source: "exec";
  /** Absolute path. It is run as it is, without a shell and without a search in `PATH`. */
  readonly command: string;
  readonly args?: Optional<readonly string[]>;
  /** Variables the command gets, beside those of `passEnv` and nothing else. */
  readonly env?: Optional<Readonly<Record<string, string>>>;
  /** Names of our own variables the command gets too, where they are set. */
  readonly passEnv?: Optional<readonly string[]>;
  /** From the start of the command to the end of its output. 5000 unless given. */
  readonly timeoutMs?: Optional<number>;
  /** Longest silence on stdout. `timeoutMs` unless given. */
  readonly noOutputTimeoutMs?: Optional<number>;
  /** 1 MiB unless given. */
  readonly maxOutputBytes?: Optional<number>;
  /** `false` takes the plain output for the secret where one id is asked. */
  readonly jsonOnly?: Optional<boolean>;
  /** Permits a link as `command`. The file it leads to is checked and run. */
  readonly allowSymlinkCommand?: Optional<boolean>;
  /** Folders below one of which the file that is run must be. */
  readonly trustedDirs?: Optional<readonly string[]>;
  /** Leaves owner, permissions and folders unchecked, for systems where they cannot be checked. */
  readonly allowInsecurePath?: Optional<boolean>;
}

/** One entry of `secrets.providers`. */
export type SecretProviderConfig = EnvProviderConfig | FileProviderConfig | ExecProviderConfig;

/** `secrets.providers`, by alias. */
export type SecretProviders = Readonly<Record<string, SecretProviderConfig>>;

/** `secrets.resolution`. */
export interface ResolutionLimits {
  /** Commands that run at once: 4 unless given. */
  readonly maxProviderConcurrency?: Optional<number>;
  /** References one run of a command is asked for: 512 unless given. */
  readonly maxRefsPerProvider?: Optional<number>;
  /** Size of what one run of a command is told: 256 KiB unless given. */
  readonly maxBatchBytes?: Optional<number>;
}

const LONGEST_TIMEOUT_MS = 120_000;
const MOST_BYTES = 20 * 1024 * 1024;

const withoutNul = z.string().refine((text) => !text.includes("\0"), "must not hold a NUL");
const absolutePath = withoutNul.refine((path) => path.startsWith("/"), "must be an absolute path");
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of an environment variable");
const timeout = z.int().min(1).max(LONGEST_TIMEOUT_MS).optional();
const byteCount = z.int().min(1).max(MOST_BYTES).optional();
const flag = z.boolean().optional();

const envProvider = z.strictObject({
  source: z.literal("env"),
  allowlist: z.array(z.string().regex(ENV_ID, "must match [A-Z][A-Z0-9_]{0,127}")).optional(),
});

const fileProvider = z.strictObject({
  source: z.literal("file"),
  path: withoutNul.refine((path) => /^(?:\/|~\/)/.test(path), "must be an absolute path or begin with ~/"),
  mode: z.enum(["json", "singleValue"]).optional(),
  timeoutMs: timeout,
  maxBytes: byteCount,
  allowInsecurePath: flag,
});

const execProvider = z.strictObject({
  source: z.literal("exec"),
  command: absolutePath,
  args: z.array(withoutNul).max(128).optional(),
  env: z.record(variableName, withoutNul).optional(),
  passEnv: z.array(variableName).optional(),
  timeoutMs: timeout,
  noOutputTimeoutMs: timeout,
  maxOutputBytes: byteCount,
  jsonOnly: flag,
  allowSymlinkCommand: flag,
  trustedDirs: z.array(absolutePath).optional(),
  allowInsecurePath: flag,
});

/** Reads one entry of `secrets.providers`. Unknown keys are refused. */
export const secretProviderSchema: z.ZodType<SecretProviderConfig> = z.discriminatedUnion("source", [
  envProvider,
  fileProvider,
  execProvider,
]);

/** Reads `secrets.providers`. */
export const secretProvidersSchema: z.ZodType<SecretProviders> = z.record(providerAlias, secretProviderSchema);

/** Reads `secrets.resolution`. */
export const resolutionLimitsSchema: z.ZodType<ResolutionLimits> = z.strictObject({
  maxProviderConcurrency: z.int().min(1).max(16).optional(),
  maxRefsPerProvider: z.int().min(1).max(4096).optional(),
  maxBatchBytes: z
    .int()
    .min(1)
    .max(5 * 1024 * 1024)
    .optional(),
});
