import { isCredentialVariable, shellEnvSettings, type HomeSnapshot } from "@openclaw/home";
import { isKeyCompanion, keyVariables } from "@openclaw/key-rotation";
import { authProviderId, providerSpecs } from "@openclaw/providers";
import { maskedSecret } from "../profile-label.ts";
import type { VariableView } from "./explanation.ts";

/** What every layer says of a variable. */
export function variableView(name: string, home: HomeSnapshot): VariableView {
  const { env, config, salt } = home;
  const definitions = env.definitionsOf(name);
  const [first] = definitions;
  return {
    name,
    definitions: definitions.map(({ layer, secret, isBlank }, index) => ({
      layer,
      value: isBlank ? null : maskedSecret(secret, salt),
      isUsed: index === 0,
    })),
    differs: first !== undefined && definitions.some(({ secret }) => !secret.equals(first.secret)),
    providers: providersReading(name, home),
    isShellAsked: shellEnvSettings(config.env?.["shellEnv"], env.values).isEnabled,
  };
}

/** Variables of keys, and those that references name, that layers define with different values. */
export function differingVariables(home: HomeSnapshot, named: ReadonlySet<string>): readonly VariableView[] {
  return home.env
    .differing()
    .filter(({ name }) => named.has(name) || isCredentialVariable(name, home.providers.configured))
    .map(({ name }) => variableView(name, home));
}

/** The providers of which a variable may hold a key, those of which it is the first. */
export function providersReading(name: string, { providers }: HomeSnapshot): readonly string[] {
  const ids = new Set([...providerSpecs.map(({ id }) => id), ...providers.configured]);
  return [...ids].filter((id) => variablesOf(id, providers.find(id)?.spec.env ?? [])(name));
}

/** Whether a variable may hold a key of a provider. */
function variablesOf(provider: string, variables: readonly string[]): (name: string) => boolean {
  const { live, list, primary, prefix, fallback } = keyVariables(authProviderId(provider));
  const named = new Set([live, list, primary, ...fallback, ...variables]);
  return (name) => named.has(name) || (name.startsWith(prefix) && name.length > prefix.length && !isKeyCompanion(name));
}
