import { readCredentialText } from "./credential-text.ts";
import { SecretsError } from "./errors.ts";
import { formatSecretRef, type SecretRef } from "./secret-ref.ts";
import type { Secret } from "./secret.ts";

/** Environment variables, as an argument. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Turns references into secrets. */
export interface SecretResolver {
  /** @throws {SecretsError} `reference-unresolved` or `source-unsupported`, naming the reference. */
  resolve(ref: SecretRef): Secret;
}

/** What references are resolved against. */
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
          { hint: "put the value in an environment variable or ~/.openclaw/.env and refer to it as ${NAME}" },
        );
      }
      if (ref.provider !== "default") {
        throw new SecretsError(
          "reference-unresolved",
          `Secret provider "${ref.provider}" is not configured (ref: ${formatSecretRef(ref)})`,
        );
      }
      return readEnv(options.env, ref.id);
    },
  };
}

function readEnv(env: Env, name: string): Secret {
  const text = env[name];
  const secret = readCredentialText(text);
  if (secret) return secret;
  if (text === undefined || text.trim() === "") {
    throw new SecretsError("reference-unresolved", `Environment variable "${name}" is missing or empty.`, {
      hint: `set ${name} in the environment or in the .env file of the state folder`,
    });
  }
  throw new SecretsError("reference-unresolved", `Environment variable "${name}" holds characters that no key has.`, {
    hint: `copy the key into ${name} again, without control characters`,
  });
}
