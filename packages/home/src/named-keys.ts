import { envKeys, type EnvKey } from "@openclaw/key-rotation";
import { authProviderId, normalizeProviderId, providerSpecs } from "@openclaw/providers";
import { readConfigKey, type ConfigKey } from "./config-key.ts";
import type { HomeSnapshot } from "./snapshot.ts";

/** The keys the environment holds for a provider, in the order requests try them. */
export function environmentKeys(home: HomeSnapshot, provider: string): readonly EnvKey[] {
  const variables = home.providers.find(provider)?.spec.env ?? [];
  return envKeys(home.env.values, authProviderId(provider), { variables });
}

/** What `models.providers.<id>.apiKey` holds. */
export function configuredKey(home: HomeSnapshot, provider: string): ConfigKey {
  const { env, lookUp, config, providers } = home;
  return readConfigKey(provider, providers.find(provider)?.config?.apiKey, env, lookUp, config.secrets?.defaults ?? {});
}

/** A key that is no profile, by the id that its cooldowns are kept under. */
export interface NamedKey {
  /** Its fingerprint. */
  readonly id: string;
  readonly provider: string;
  readonly origin: string;
}

/** The keys of one provider that are no profiles: those of the environment, then that of the configuration. */
function keysOf(home: HomeSnapshot, provider: string): readonly NamedKey[] {
  const configured = configuredKey(home, provider);
  const named = (key: Pick<EnvKey, "secret" | "origin">): NamedKey => ({
    id: key.secret.fingerprint(home.salt),
    provider: authProviderId(provider),
    origin: key.origin,
  });
  return [...environmentKeys(home, provider).map(named), ...(configured.kind === "key" ? [named(configured)] : [])];
}

/** Those of every provider there is, each once. */
export function allKeys(home: HomeSnapshot): readonly NamedKey[] {
  const providers = [...new Set([...home.providers.configured, ...providerSpecs.map(({ id }) => id)].map((id) => normalizeProviderId(id)))];
  const keys = providers.flatMap((provider) => keysOf(home, provider));
  return [...new Map(keys.toReversed().map((key) => [`${key.id} ${key.origin}`, key])).values()].toReversed();
}
