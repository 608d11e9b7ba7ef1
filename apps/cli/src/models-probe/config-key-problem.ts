import type { ConfigKey, HomeSnapshot } from "@openclaw/home";
import { formatSecretRef, isSecretRefLike, parseSecretRef, SecretsError } from "@openclaw/secrets";

/** Why `models.providers.<id>.apiKey` leads to no key: which reference that is, where it is one. */
export function configKeyProblem({ providers, config }: HomeSnapshot, provider: string, key: ConfigKey & { kind: "unresolved" }): string {
  const apiKey = providers.find(provider)?.config?.apiKey;
  const written = typeof apiKey === "string" ? apiKey.trim() : apiKey;
  if (!isSecretRefLike(written)) return key.message;
  try {
    return `could not resolve SecretRef "${formatSecretRef(parseSecretRef(written, config.secrets?.defaults ?? {}))}".`;
  } catch (error) {
    if (error instanceof SecretsError) return error.message;
    throw error;
  }
}
