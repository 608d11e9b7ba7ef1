import type { AuthProfile } from "@openclaw/auth-profiles";
import { readFingerprintSalt, type HomeSnapshot, type MetadataStamp } from "@openclaw/home";
import { authProviderId } from "@openclaw/providers";
import { isSecretRefLike, parseSecretRef, SecretsError, type Env, type SecretRef } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import { maskedSecret } from "../profile-label.ts";
import type { PastedReport } from "../render/models-auth.ts";
import type { AddPlan } from "./add-interview.ts";
import { keptLabels, requireProvider, storeAccount, type StoredAccount } from "./store-account.ts";
import type { CheckedToken } from "./token-input.ts";

/** The credential itself, or where it is. */
type AddedCredential = CheckedToken | { readonly ref: SecretRef };

export interface AddOptions {
  readonly plan: AddPlan;
  readonly agentId: string | undefined;
  readonly credential: AddedCredential;
  /** Epoch milliseconds. */
  readonly expiresAt: number | undefined;
  readonly stamp: MetadataStamp;
  readonly signal: AbortSignal;
}

/** The reference that `env:NAME` means. @throws {CliError} */
export function parseRefFlag(text: string): SecretRef {
  const [source, ...rest] = text.split(":");
  const id = rest.join(":");
  if (source !== "env" || id === "") {
    throw new CliError(`--ref ${JSON.stringify(text)} is not env:NAME`, "files and commands are set up with: openclaw secrets configure");
  }
  const value: unknown = { source, provider: "default", id };
  try {
    const ref = isSecretRefLike(value) ? parseSecretRef(value, {}) : undefined;
    if (ref !== undefined) return ref;
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    throw new CliError(error.message, error.hint);
  }
  throw new CliError(`--ref ${JSON.stringify(text)} is no reference`, "for example env:OPENAI_API_KEY");
}

/** What stands in the way of a reference, in words: it is stored all the same, for a service may have the variable. */
export function refDoubt({ id }: SecretRef, env: Env): string | undefined {
  return (env[id] ?? "").trim() === "" ? `Environment variable "${id}" is missing or empty here` : undefined;
}

/**
 * The account that a new one would take the place of, in words; a credential of the same kind is no loss, because
 * that is how one is replaced.
 */
export function accountInTheWay(stored: AuthProfile | undefined, plan: AddPlan): string | undefined {
  if (stored === undefined) return undefined;
  const provider = authProviderId(stored.provider);
  if (stored.type === plan.type && provider === requireProvider(plan.provider)) return undefined;
  const kinds = { api_key: "an API key", token: "a token", oauth: "a login" };
  return `${plan.profileId} is ${kinds[stored.type]} of ${provider}`;
}

/** Stores a key, a token or a reference to one. */
export async function addAccount(
  home: HomeSnapshot,
  { plan, credential, expiresAt, ...account }: AddOptions,
): Promise<StoredAccount & PastedReport> {
  const value = "ref" in credential ? { ref: credential.ref } : { secret: credential.secret };
  const stored = await storeAccount(home, {
    ...account,
    provider: plan.provider,
    profileId: plan.profileId,
    profile: (stored, provider) => {
      const isSame = stored?.type === plan.type && authProviderId(stored.provider) === provider;
      const labels = isSame ? keptLabels(stored) : {};
      if (plan.type === "api_key") return { type: "api_key", provider, ...value, ...labels };
      return { type: "token", provider, ...value, ...(expiresAt !== undefined && { expires: expiresAt }), ...labels };
    },
  });
  if (stored === undefined) throw new CliError("Nothing was stored.");
  const { paths } = home;
  // Read now: the first account brings the salt.
  const shown =
    "ref" in credential
      ? `ref(${credential.ref.source}:${credential.ref.id})`
      : maskedSecret(credential.secret, await readFingerprintSalt(paths.stateDir));
  return {
    ...stored,
    configPath: paths.display(paths.configPath),
    type: plan.type,
    shown,
    length: "ref" in credential ? undefined : credential.length,
    expiresAt,
  };
}
