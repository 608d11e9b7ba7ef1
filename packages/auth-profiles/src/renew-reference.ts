import type { ActiveOutcome, Secret, SecretRef } from "@openclaw/secrets";
import type { ProfileSecrets } from "./resolve-profile.ts";

/** Whether asking for a reference again may lead to another secret: a file or a command may, the environment stays. */
export function isRenewableRef(ref: SecretRef | undefined, secrets: ProfileSecrets): ref is SecretRef {
  return ref !== undefined && ref.source !== "env" && secrets.renew !== undefined;
}

/**
 * What a reference stands for now that a provider refused `rejected`: what is at hand where that is another secret
 * already, else what its backend says when it is asked again.
 *
 * @throws the signal's reason as it came.
 */
export async function renewReference(
  ref: SecretRef,
  { secrets, rejected, signal }: { readonly secrets: ProfileSecrets; readonly rejected: Secret; readonly signal?: AbortSignal },
): Promise<ActiveOutcome | undefined> {
  const current = secrets.outcomeOf(ref);
  if (current?.status === "resolved" && !current.secret.equals(rejected)) return current;
  return (await secrets.renew?.(ref, signal)) ?? current;
}
