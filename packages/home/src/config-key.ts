import { isKeyCompanion } from "@openclaw/key-rotation";
import {
  isSecretRefLike,
  parseSecretRef,
  readCredentialText,
  type Secret,
  type SecretDefaults,
  type SecretRef,
  type SecretResolver,
} from "@openclaw/secrets";
import type { EnvLayers } from "./env.ts";

/** What `models.providers.<id>.apiKey` turned out to be. */
export type ConfigKey =
  | { readonly kind: "absent" }
  | { readonly kind: "key"; readonly secret: Secret; readonly origin: string; readonly ref?: SecretRef }
  /** A placeholder that stands for "no key here", such as `ollama-local`. */
  | { readonly kind: "marker"; readonly name: string }
  | { readonly kind: "unresolved"; readonly origin: string; readonly message: string };

const markers: ReadonlySet<string> = new Set([
  "minimax-oauth",
  "ollama-local",
  "custom-local",
  "gcp-vertex-credentials",
  "secretref-managed",
]);

/** Whether a stored text is a placeholder and not a key. */
export function isMarker(text: string): boolean {
  return markers.has(text) || text.startsWith("oauth:");
}

const VARIABLE_NAME = /^[A-Z][A-Z0-9_]*_(?:KEY|KEYS|TOKEN|PROFILE|BEDROCK|ID)$/u;

/** Reads a configured key. The name of a variable stands for its value, and is itself never sent. */
export function readConfigKey(
  provider: string,
  value: unknown,
  env: EnvLayers,
  resolver: SecretResolver,
  defaults: SecretDefaults,
): ConfigKey {
  const path = `models.providers.${provider}.apiKey`;
  if (value === undefined || value === null || value === "") return { kind: "absent" };
  if (isSecretRefLike(value)) {
    try {
      const ref = parseSecretRef(value, defaults);
      return { kind: "key", secret: resolver.resolve(ref), origin: path, ref };
    } catch (error) {
      return { kind: "unresolved", origin: path, message: error instanceof Error ? error.message : String(error) };
    }
  }
  if (typeof value !== "string") return { kind: "unresolved", origin: path, message: `${path} is neither text nor a reference` };
  const text = value.trim();
  if (isMarker(text)) return { kind: "marker", name: text };
  if (VARIABLE_NAME.test(text) && !isKeyCompanion(text)) {
    const named = readCredentialText(env.values[text]);
    return named
      ? { kind: "key", secret: named, origin: `${path} (${text})` }
      : { kind: "unresolved", origin: path, message: `Environment variable "${text}" is missing or empty.` };
  }
  const secret = readCredentialText(text);
  return secret ? { kind: "key", secret, origin: path } : { kind: "absent" };
}
