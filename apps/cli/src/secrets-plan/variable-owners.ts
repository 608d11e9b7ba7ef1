import { keyVariables } from "@openclaw/key-rotation";
import { authProviderId, findProvider } from "@openclaw/providers";

/** Which providers a variable may be one of: none is left out, and there are few to look at more closely. */
type VariableOwners = (name: string) => readonly string[];

/** Works out the variables of each provider once, however many names are asked about. */
export function variableOwners(providers: Iterable<string>): VariableOwners {
  const owners = new Map<string, string[]>();
  for (const provider of providers) {
    const { live, primary, list, prefix, fallback } = keyVariables(authProviderId(provider));
    for (const key of new Set([live, primary, list, prefix, ...fallback, ...(findProvider(provider)?.env ?? [])])) {
      const known = owners.get(key);
      if (known === undefined) owners.set(key, [provider]);
      else known.push(provider);
    }
  }
  // A prefix ends with an underscore.
  return (name) => [name, ...beginnings(name)].flatMap((key) => owners.get(key) ?? []);
}

function beginnings(name: string): readonly string[] {
  return [...name.matchAll(/_/gu)].map(({ index }) => name.slice(0, index + 1));
}
