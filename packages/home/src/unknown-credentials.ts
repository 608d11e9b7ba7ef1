import { readableProfiles } from "./agents.ts";
import { providerOfName } from "./credential-limits.ts";
import { isCredentialVariable } from "./credential-variable.ts";
import type { HomeSnapshot } from "./snapshot.ts";

type Sources = Pick<HomeSnapshot, "config" | "env" | "agents" | "providers">;

/** A warning for each name under `auth.credentials` that no credential of the home has. */
export function unknownCredentials(sources: Sources): readonly string[] {
  return Object.keys(sources.config.auth?.credentials ?? {})
    .filter((name) => !isProfile(name, sources) && !isConfiguredKey(name, sources) && !isKeyVariable(name, sources))
    .map(
      (name) =>
        `auth.credentials: nothing is called ${JSON.stringify(name)}, neither a profile nor a variable with a key nor a configured key`,
    );
}

/** What a broken store holds is not known. */
function isProfile(name: string, { agents }: Sources): boolean {
  return agents.all.some((agent) => readableProfiles(agent)?.store.profiles.has(name) ?? name.includes(":"));
}

function isConfiguredKey(name: string, { providers }: Sources): boolean {
  const provider = providerOfName(name);
  return provider !== undefined && providers.find(provider)?.config?.apiKey !== undefined;
}

/** A variable that gives a key, or one of the keys in it: `OPENAI_API_KEYS[2]`. */
function isKeyVariable(name: string, { env, providers }: Sources): boolean {
  const [, variable = "", index] = /^(.*?)(?:\[(\d+)\])?$/u.exec(name) ?? [];
  const keys = (env.values[variable] ?? "").split(/[\s,;]+/u).filter((key) => key !== "");
  if (keys.length === 0 || !isCredentialVariable(variable, providers.configured)) return false;
  return index === undefined || (variable.endsWith("_API_KEYS") && Number(index) >= 1 && Number(index) <= keys.length);
}
