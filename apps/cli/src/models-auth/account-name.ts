import { Secret } from "@openclaw/secrets";

/** Whose an account is, as far as anybody said. */
export interface AccountIdentity {
  readonly accountId?: string;
  readonly email?: string;
}

/** Whether two logins are of one account. A workspace can be an account of several people, so its id alone does not make them one. */
export function compareAccounts(left: AccountIdentity, right: AccountIdentity): "same" | "other" | "unknown" {
  const pairs = [
    [left.accountId, right.accountId],
    [left.email?.toLowerCase(), right.email?.toLowerCase()],
  ].filter(([one, other]) => one !== undefined && other !== undefined);
  if (pairs.some(([one, other]) => one !== other)) return "other";
  return pairs.length > 0 ? "same" : "unknown";
}

/** An account for people: its address, and a fingerprint of its id, which may be a secret of its owner. */
export function accountName({ accountId, email }: AccountIdentity, salt: Uint8Array): string | undefined {
  const id = accountId === undefined ? undefined : `account ${Secret.of(accountId).fingerprint(salt)}`;
  if (email === undefined) return id;
  return id === undefined ? email : `${email} (${id})`;
}
