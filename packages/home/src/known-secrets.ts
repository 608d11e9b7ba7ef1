import type { AuthProfile } from "@openclaw/auth-profiles";
import { readCredentialText, type Secret } from "@openclaw/secrets";
import { readableProfiles } from "./agents.ts";
import { isNameOfKey } from "./config-key.ts";
import { configSurfaces } from "./config-surfaces.ts";
import { isCredentialVariable } from "./credential-variable.ts";
import { isReference } from "./secret-surfaces.ts";
import type { HomeSnapshot } from "./snapshot.ts";

/** What references stand for, the keys of the environment and those written into the configuration: for a redactor. */
export function configuredSecrets({ secrets, env, config }: HomeSnapshot): readonly Secret[] {
  const providers = Object.keys(config.models?.providers ?? {});
  const variables = Object.entries(env.values).filter(([name]) => isCredentialVariable(name, providers));
  const keys = variables.flatMap(([, value]) => [value, ...(value ?? "").split(/[\s,;]+/u)]);
  const written = configSurfaces(config).flatMap(({ kind, value }) => {
    if (typeof value !== "string" || isReference(value)) return [];
    return kind.id === "models.providers.*.apiKey" && isNameOfKey(value, env) ? [] : [value];
  });
  return [...secrets.secrets, ...[...keys, ...written].map((text) => readCredentialText(text)).filter((secret) => secret !== undefined)];
}

/** What the stores of the agents hold: for a redactor. A store that is broken holds none. */
export function storedSecrets({ agents }: HomeSnapshot): readonly Secret[] {
  return agents.all.flatMap((agent) => [...(readableProfiles(agent)?.store.profiles.values() ?? [])].flatMap(secretsOf));
}

function secretsOf(profile: AuthProfile): readonly Secret[] {
  const held = profile.type === "oauth" ? [profile.access, profile.refresh] : [profile.secret];
  return held.filter((secret) => secret !== undefined);
}
