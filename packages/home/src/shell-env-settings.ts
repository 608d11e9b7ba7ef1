import type { Env } from "@openclaw/secrets";
import { z } from "zod";

/** Whether the login shell is asked for keys, and for how long. */
export interface ShellEnvSettings {
  readonly isEnabled: boolean;
  readonly timeoutMs: number;
}

/** Set for the shell we ask, so that a profile which calls us does not make us ask again. */
export const RUNNING_VARIABLE = "OPENCLAW_SHELL_ENV_RUNNING";

const DEFAULT_TIMEOUT_MS = 15_000;

const milliseconds = z.int().positive();

// What is wrong counts as not there: this is read where nothing may fail.
const settingSchema = z
  .object({ enabled: z.boolean().optional().catch(undefined), timeoutMs: milliseconds.optional().catch(undefined) })
  .catch({});

/**
 * Reads `env.shellEnv` of the configuration, `OPENCLAW_LOAD_SHELL_ENV` and `OPENCLAW_SHELL_ENV_TIMEOUT_MS`.
 * Either switches it on; the time of the configuration comes first. Nonsense falls back to the default.
 */
export function shellEnvSettings(shellEnv: unknown, env: Env): ShellEnvSettings {
  const { enabled, timeoutMs } = settingSchema.parse(shellEnv);
  const isWanted = enabled === true || isTruthy(env["OPENCLAW_LOAD_SHELL_ENV"]);
  return {
    isEnabled: isWanted && env[RUNNING_VARIABLE] === undefined,
    timeoutMs: timeoutMs ?? readMilliseconds(env["OPENCLAW_SHELL_ENV_TIMEOUT_MS"]) ?? DEFAULT_TIMEOUT_MS,
  };
}

function isTruthy(text: string | undefined): boolean {
  return ["1", "true", "yes", "on"].includes(text?.trim().toLowerCase() ?? "");
}

function readMilliseconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+\s*$/u.test(text) ? milliseconds.safeParse(Number(text)).data : undefined;
}
