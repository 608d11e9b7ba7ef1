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
  const { accountId, email } = profile;
  const identity = accountId ?? email?.toLowerCase();
  const kind = accountId === undefined ? "email" : "account";
  const parts = identity === undefined ? ["profile", await storage.realPath(), id] : [kind, identity];
  const text = JSON.stringify([normalizeProvider(profile.provider), ...parts]);
  return `refresh-${createHash("sha256").update(text).digest("hex")}`;
}
