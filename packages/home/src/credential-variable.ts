import { isKeyCompanion, keyVariables } from "@openclaw/key-rotation";
import { authProviderId, providerSpecs } from "@openclaw/providers";

const known: ReadonlySet<string> = new Set(providerSpecs.flatMap((spec) => spec.env));

/**
 * Whether a variable holds a credential that requests would use: it is one of a provider's own, or one of
 * its rotation variables. `providers` are the ids of those that are configured beside the known ones.
 */
export function isCredentialVariable(name: string, providers: readonly string[] = []): boolean {
  if (known.has(name)) return true;
  return [...providerSpecs.map((spec) => spec.id), ...providers].some((id) => isRotationVariable(name, authProviderId(id)));
}

/** A live key that is set takes the place of everything else, for any provider there may be. */
export function isLiveKeyVariable(name: string): boolean {
  return /^OPENCLAW_LIVE_[A-Z0-9_]+_KEY$/u.test(name);
}

function isRotationVariable(name: string, provider: string): boolean {
  const { live, list, primary, prefix, fallback } = keyVariables(provider);
  if ([live, list, primary, ...fallback].includes(name)) return true;
  return name.startsWith(prefix) && name.length > prefix.length && !isKeyCompanion(name);
}
