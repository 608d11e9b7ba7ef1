import type { ProfileSet } from "@openclaw/auth-profiles";
import { envKeys } from "@openclaw/key-rotation";
import { dialectsOf, normalizeProviderId, parseModelRef, providerSpecs, type ProviderSpec } from "@openclaw/providers";
import type { Env } from "@openclaw/secrets";
import type { Config } from "./config.ts";
import type { EnvLayers } from "./env.ts";

/** How to try things out in a home that has nothing yet. */
export interface TrialOptions {
  /** Where the sandbox provider listens, once it does. */
  readonly sandboxUrl?: string;
}

/** What a trial home has beyond what the person configured. */
export interface TrialDefaults {
  readonly env?: Env;
  readonly defaultModel?: string;
  readonly baseUrls?: Readonly<Record<string, string>>;
}

/** The three keys the sandbox provider knows. They open nothing. */
export const sandboxKeys: readonly string[] = ["sandbox-demo-key-1", "sandbox-demo-key-2", "sandbox-demo-key-3"];

/** Set by other tools for their own ends: that one is there does not say that somebody wants a model with it. */
const sharedVariables: ReadonlySet<string> = new Set(["GH_TOKEN", "GITHUB_TOKEN", "HF_TOKEN", "HUGGINGFACE_HUB_TOKEN"]);

/**
 * What a trial home uses for whatever the person has not configured: the default model of the first
 * provider there is a credential for, or, where nothing at all is configured, the sandbox provider with
 * its demo keys.
 */
export function trialDefaults(input: {
  readonly config: Config;
  readonly env: EnvLayers;
  readonly profiles: ProfileSet;
  readonly options: TrialOptions;
}): TrialDefaults {
  const { config, env, profiles, options } = input;
  const baseUrls = options.sandboxUrl === undefined ? {} : { sandbox: options.sandboxUrl };
  const stored = new Set([...profiles.store.profiles.values()].map((profile) => normalizeProviderId(profile.provider)));
  const hasKey = ({ id, env: variables }: ProviderSpec) =>
    envKeys(env.values, id, { variables: variables.filter((variable) => !sharedVariables.has(variable)) }).length > 0;

  const usable = providerSpecs.find((spec) => isServable(spec) && (stored.has(spec.id) || hasKey(spec)));
  if (usable?.defaultModel !== undefined) return { defaultModel: usable.defaultModel, baseUrls };
  if (stored.size > 0 || isConfigured(config)) return { baseUrls };
  return { env: { SANDBOX_API_KEYS: sandboxKeys.join(" ") }, defaultModel: "sandbox/demo", baseUrls };
}

/** Whether the gateway could answer from this provider: it has a model to ask, at an address and in a dialect that are known. */
function isServable(spec: ProviderSpec): boolean {
  if (spec.defaultModel === undefined || spec.baseUrl === undefined || spec.baseUrl.includes("{")) return false;
  return dialectsOf(spec, parseModelRef(spec.defaultModel)?.model ?? "").length > 0;
}

function isConfigured({ models, agents }: Config): boolean {
  const hasModel = agents?.defaults?.model !== undefined || (agents?.list ?? []).some((agent) => agent.model !== undefined);
  return hasModel || Object.keys(models?.providers ?? {}).length > 0;
}
