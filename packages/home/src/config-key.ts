import { isKeyCompanion } from "@openclaw/key-rotation";
import {
  isSecretRefLike,
  parseSecretRef,
  readCredentialText,
  formatSecretRef,
  type Secret,
  type SecretDefaults,
  type SecretRef,
} from "@openclaw/secrets";
import type { ProfileSecrets } from "@openclaw/auth-profiles";
import type { EnvLayers } from "./env.ts";

/** What `models.providers.<id>.apiKey` turned out to be. */
export type ConfigKey =
  | { readonly kind: "absent" }
  | { readonly kind: "key"; readonly secret: Secret; readonly origin: string; readonly ref?: SecretRef }
  /** A placeholder that stands for "no key here", such as `ollama-local`. */
  | { readonly kind: "marker"; readonly name: string }
  | { readonly kind: "unresolved"; readonly origin: string; readonly message: string }
  /** A reference to a command, which whoever only looks does not run: there may well be a key. */
  | { readonly kind: "skipped"; readonly origin: string; readonly ref: SecretRef };

const markers: ReadonlySet<string> = new Set([
  "minimax-oauth",
  "ollama-local",
  "custom-local",
  "gcp-vertex-credentials",
  "secretref-managed",
  // Names of variables whose credential is found elsewhere: among the provider's own, or by the AWS chain.
  "AWS_BEARER_TOKEN_BEDROCK",
  "AWS_ACCESS_KEY_ID",
  "AWS_PROFILE",
]);

/** Words that, between underscores and in upper case, tell the name of a variable from a key. */
const namingWords: ReadonlySet<string> = new Set([
  "APIKEY",
  "KEY",
  "KEYS",
  "TOKEN",
  "TOKENS",
  "SECRET",
  "PASSWORD",
  "CREDENTIAL",
  "CREDENTIALS",
]);

/**
 * Reads a configured key: text, `${NAME}`, a secret reference, or the name of a variable, which stands
 * for its value. Neither a name nor a placeholder is ever taken for the key itself.
 */
export function readConfigKey(
  provider: string,
  value: unknown,
  env: EnvLayers,
  secrets: ProfileSecrets,
  defaults: SecretDefaults,
): ConfigKey {
  const path = `models.providers.${provider}.apiKey`;
  const unresolved = (message: string): ConfigKey => ({ kind: "unresolved", origin: path, message });
  const resolve = (ref: unknown, origin: string): ConfigKey => {
    try {
      const parsed = parseSecretRef(ref, defaults);
      const outcome = secrets.outcomeOf(parsed);
      if (outcome?.status === "resolved") return { kind: "key", secret: outcome.secret, origin, ref: parsed };
      if (outcome?.status === "skipped") return { kind: "skipped", origin, ref: parsed };
      return unresolved(outcome?.error.message ?? `${formatSecretRef(parsed)} was not resolved`);
    } catch (error) {
      return unresolved(error instanceof Error ? error.message : "it cannot be resolved");
    }
  };

  const given = typeof value === "string" ? value.trim() : value;
  if (given === undefined || given === null || given === "") return { kind: "absent" };
  if (isSecretRefLike(given)) return resolve(given, path);
  if (typeof given !== "string") return unresolved(`${path} is neither text nor a reference`);
  if (given.includes("${") || /^\$[A-Z_][A-Z0-9_]*$/u.test(given))
    return unresolved(`${path}: a reference in text form is exactly \${NAME}`);
  if (markers.has(given) || /^(?:oauth|secretref-env):/u.test(given)) return { kind: "marker", name: given };
  if (isVariableName(given, env)) {
    if (isKeyCompanion(given)) return unresolved(`${path} names ${given}, a variable that holds no key`);
    return resolve({ source: "env", provider: "default", id: given }, `${path} (${given})`);
  }
  const secret = readCredentialText(given);
  return secret ? { kind: "key", secret, origin: path } : unresolved(`${path} holds characters that no key has`);
}

/** Whether `models.providers.<id>.apiKey` holds the name of something instead of a key: that of a placeholder or of a variable. */
export function isNameOfKey(text: string, env: EnvLayers): boolean {
  return markers.has(text.trim()) || isVariableName(text.trim(), env);
}

function isVariableName(text: string, env: EnvLayers): boolean {
  if (!/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/u.test(text)) return false;
  return env.layerOf(text) !== undefined || text.split("_").some((word) => namingWords.has(word));
}
