import { readCredentialText } from "./credential-text.ts";
import { SecretsError } from "./errors.ts";
import { formatSecretRef, type SecretRef } from "./secret-ref.ts";
import type { Secret } from "./secret.ts";

/** Environment variables, as an argument. */
export type Env = Readonly<Record<string, string | undefined>>;

export interface SecretResolver {
  /** @throws {SecretsError} `reference-unresolved` or `source-unsupported`, naming the reference. */
  resolve(ref: SecretRef): Secret;
}

export interface SecretResolverOptions {
  readonly env: Env;
}

/** Resolves references. This version reads environment references; `file` and `exec` are refused by name. */
export function createSecretResolver(options: SecretResolverOptions): SecretResolver {
  return {
    resolve(ref) {
      if (ref.source !== "env") {
        throw new SecretsError(
          "source-unsupported",
          `${formatSecretRef(ref)}: ${ref.source} references cannot be resolved by this version`,
          {
            hint: `put the value in an environment variable or ~/.openclaw/.env and refer to it as \${NAME}`,
          },
        );
      }
      if (ref.provider !== "default") {
        throw new SecretsError(
          "reference-unresolved",
          `Secret provider "${ref.provider}" is not configured (ref: ${formatSecretRef(ref)})`,
        );
      }
      const secret = readCredentialText(options.env[ref.id]);
      if (secret === undefined) {
        throw new SecretsError("reference-unresolved", `Environment variable "${ref.id}" is missing or empty.`, {
          hint: `set ${ref.id} in the environment or in the .env file of the state folder`,
        });
      }
      return secret;
    },
  };
}
