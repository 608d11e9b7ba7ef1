import { isRenewableRef, renewReference, type ProfileSecrets } from "@openclaw/auth-profiles";
import {
  formatSecretRef,
  SecretsError,
  type Candidate,
  type Credential,
  type CredentialInfo,
  type Secret,
  type SecretRef,
} from "@openclaw/secrets";
import type { ConfigKey } from "./config-key.ts";

/**
 * The key of the configuration as something that could be tried. Where a file or a command gave it, it is asked for again
 * once a provider refused it.
 */
export function keyCandidate(info: CredentialInfo, key: ConfigKey & { readonly kind: "key" }, secrets: ProfileSecrets): Candidate {
  const { ref } = key;
  const credentialOf = (secret: Secret): Credential => ({ ...info, generation: 0, kind: "api-key", secret });
  if (!isRenewableRef(ref, secrets)) return Object.freeze({ ...info, via: "key", resolve: () => credentialOf(key.secret) });

  async function renewed(ref: SecretRef, rejected: Secret, signal: AbortSignal | undefined): Promise<Credential> {
    const outcome = await renewReference(ref, { secrets, rejected, ...(signal && { signal }) });
    if (outcome?.status === "resolved") return credentialOf(outcome.secret);
    if (outcome?.status === "failed") throw outcome.error;
    throw new SecretsError("reference-unresolved", `${formatSecretRef(ref)} was not resolved`);
  }
  return Object.freeze({
    ...info,
    via: "key",
    isRenewable: true,
    resolve: ({ rejected, signal }) =>
      rejected !== undefined && "secret" in rejected ? renewed(ref, rejected.secret, signal) : credentialOf(key.secret),
  } satisfies Candidate);
}
