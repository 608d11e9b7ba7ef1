import { createHash } from "node:crypto";
import type { Secret } from "@openclaw/secrets";
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

/** Each of these gives eight digits of another digest: together they are enough to tell all tokens apart. */
const salts: readonly Buffer[] = ["one", "two", "three", "four"].map((salt) => Buffer.from(`refresh token ${salt}`));

/** A name for a refresh token, which all who hold it agree on, whoever they say its login is of. It holds no part of it. */
export function tokenName(provider: string, refresh: Secret, normalizeProvider: NormalizeProvider): string {
  return `token-${digest([normalizeProvider(provider), ...salts.map((salt) => refresh.fingerprint(salt))])}`;
}

/**
 * The name of the lock under which a token is sent. Lock files stay for ever and tokens do not, so tokens share 256
 * of them; that two have to wait for each other is seldom, and does no harm.
 */
export function tokenLockName(name: string): string {
  return name.slice(0, "token-".length + 2);
}

function lockName(parts: readonly string[]): string {
  return `refresh-${digest(parts)}`;
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
