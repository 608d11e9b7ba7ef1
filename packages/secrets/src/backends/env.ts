import { joinLines } from "../credential-text.ts";
import { SecretsError } from "../errors.ts";
import type { EnvProviderConfig } from "../provider-config.ts";
import { formatSecretRef } from "../secret-ref.ts";
import { readSecretValue } from "../secret-value.ts";
import type { Secret } from "../secret.ts";
import { answerOf } from "./answer.ts";
import type { SecretBackend } from "./backend.ts";

/** Environment variables, as an argument. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What a provider of environment variables needs. */
export interface EnvBackendOptions {
  readonly alias: string;
  readonly config: EnvProviderConfig;
  readonly env: Env;
}

/** Secrets from the environment: the variables of the allowlist, or all where there is none. */
export function createEnvBackend(options: EnvBackendOptions): SecretBackend {
  return {
    async resolve(ids, signal) {
      signal?.throwIfAborted();
      return new Map(ids.map((id) => [id, answerOf(() => ({ status: "resolved", secret: readEnvSecret(id, options) }))]));
    },
  };
}

/**
 * One variable, cleaned like any key a person has pasted.
 *
 * @throws {SecretsError} `reference-unresolved` when it is missing or not allowed, `value-refused` when it is no key.
 */
export function readEnvSecret(name: string, { alias, config, env }: EnvBackendOptions): Secret {
  if (config.allowlist && !config.allowlist.includes(name)) {
    throw new SecretsError(
      "reference-unresolved",
      `Environment variable "${name}" is not on the allowlist of secret provider "${alias}".`,
      {
        hint: `add it to secrets.providers.${alias}.allowlist`,
      },
    );
  }
  const text = Object.hasOwn(env, name) ? env[name] : undefined;
  if (text === undefined || text.trim() === "") {
    throw new SecretsError("reference-unresolved", `Environment variable "${name}" is missing or empty.`, {
      hint: `set ${name} in the environment or in the .env file of the state folder`,
    });
  }
  // A mask keeps its ellipsis, to be known by it; other characters that no header carries came along unseen.
  const pasted = joinLines(text)
    .replaceAll(/[^\u0000-\u00FF\u2026]/gu, "")
    .trim();
  return readSecretValue(pasted, formatSecretRef({ source: "env", provider: alias, id: name }));
}
