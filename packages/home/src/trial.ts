import type { ProfileSet } from "@openclaw/auth-profiles";
import { envKeys } from "@openclaw/key-rotation";
import { normalizeProviderId, providerSpecs } from "@openclaw/providers";
import type { Env } from "@openclaw/secrets";
import type { Config } from "./config.ts";
import type { EnvLayers } from "./env.ts";

/** How to try things out in a home that has nothing yet. */
export interface TrialOptions {
  /** Where the sandbox provider listens, once it does. */
  readonly sandboxUrl?: string;
}

export interface TrialDefaults {
  readonly env?: Env;
  readonly defaultModel?: string;
  readonly baseUrls?: Readonly<Record<string, string>>;
}

/** The three keys the sandbox provider knows. They open nothing. */
export const sandboxKeys: readonly string[] = ["sandbox-demo-key-1", "sandbox-demo-key-2", "sandbox-demo-key-3"];

/**
 * What a trial home uses for whatever the person has not configured: the default model of the first
 * provider there is a credential for, or else the sandbox provider with its demo keys.
 */
export function trialDefaults(input: {
  readonly config: Config;
  readonly env: EnvLayers;
  readonly profiles: ProfileSet;
  readonly options: TrialOptions;
}): TrialDefaults {
  const { config, env, profiles, options } = input;
  const sandboxUrl = options.sandboxUrl;
  const baseUrls = sandboxUrl === undefined ? {} : { sandbox: sandboxUrl };
  const stored = new Set(profiles.inspect().map((profile) => normalizeProviderId(profile.provider)));
  const configured = new Set(Object.keys(config.models?.providers ?? {}).map((id) => normalizeProviderId(id)));
  const found = providerSpecs.find(
    (spec) =>
      spec.isListedFromEnv &&
      spec.defaultModel !== undefined &&
      (stored.has(spec.id) || envKeys(env.values, spec.id, { variables: spec.env }).length > 0),
  );
  if (found?.defaultModel !== undefined) return { defaultModel: found.defaultModel, baseUrls };
  if (stored.size > 0 || configured.size > 0) return { baseUrls };
  return { env: { SANDBOX_API_KEYS: sandboxKeys.join(" ") }, defaultModel: "sandbox/demo", baseUrls };
}
