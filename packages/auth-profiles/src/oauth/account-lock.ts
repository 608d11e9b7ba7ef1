import { createHash } from "node:crypto";
import type { ProfileStorage } from "../file-storage.ts";
import type { NormalizeProvider } from "../normalize-provider.ts";
import type { OAuthProfile } from "../profile.ts";

export interface AccountOwner {
  readonly id: string;
  readonly profile: OAuthProfile;
  readonly storage: Pick<ProfileStorage, "realPath">;
  readonly normalizeProvider: NormalizeProvider;
}

/**
 * The name under which an account's login is refreshed on this machine, whichever file holds it: of the
 * provider and the account id, else the e-mail address, else where the login is stored. It tells nothing of them.
 */
export async function accountLockName({ id, profile, storage, normalizeProvider }: AccountOwner): Promise<string> {
  const known = knownAccount(profile, normalizeProvider);
  return known ?? lockName([normalizeProvider(profile.provider), "profile", await storage.realPath(), id]);
}

/** The name, where the login says whose it is. All who hold such a login agree on it. */
export function knownAccount({ provider, accountId, email }: OAuthProfile, normalizeProvider: NormalizeProvider): string | undefined {
  if (accountId !== undefined) return lockName([normalizeProvider(provider), "account", accountId]);
  if (email !== undefined) return lockName([normalizeProvider(provider), "email", email.toLowerCase()]);
  return undefined;
}

function lockName(parts: readonly string[]): string {
  return `refresh-${createHash("sha256").update(JSON.stringify(parts)).digest("hex")}`;
}
