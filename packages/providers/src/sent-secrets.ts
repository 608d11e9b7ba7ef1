import type { Redactor, Secret } from "@openclaw/secrets";

/** A provider may repeat the access before the last: of a login, another one every hour for months. */
const KEPT_PER_CREDENTIAL = 8;

/** Teaches a redactor every secret before it is sent, and lets it forget the old ones of a credential. */
export function createSentSecrets(redactor: Redactor): { remember(id: string, secret: Secret): void } {
  const withdrawals = new Map<string, (() => void)[]>();
  return {
    remember(id, secret) {
      if (redactor.has(secret)) return;
      const own = withdrawals.get(id) ?? [];
      withdrawals.set(id, own);
      own.push(redactor.add(secret));
      if (own.length > KEPT_PER_CREDENTIAL) own.shift()?.();
    },
  };
}
