import { configuredSecrets, type HomeSnapshot } from "@openclaw/home";
import { createRedactor, type Credential, type Redactor, type Secret } from "@openclaw/secrets";

/** The secrets this gateway has used or could use, so that no answer repeats one. */
export interface KnownSecrets {
  readonly redactor: Redactor;
  /** Called with every credential before it is sent: what stores hold is known from its first use. */
  remember(credential: Credential): void;
  /** Takes those of a new reading over. Those of the one before stay until the requests that began with it have ended. */
  adopt(home: HomeSnapshot): void;
  /** The gateway has another token of its own. The one before is looked for on. */
  adoptToken(token: Secret): void;
}

/** Agents may have accounts of one name, and a provider may repeat the access before the last. */
const KEPT_PER_CREDENTIAL = 8;

/** Starts with the gateway's own token. */
export function createKnownSecrets(ownToken: Secret, home: HomeSnapshot): KnownSecrets {
  const redactor = createRedactor();
  redactor.add(ownToken);
  let withdrawals: (() => void)[] = [];
  const add = (secret: Secret) => void withdrawals.push(redactor.add(secret));
  for (const secret of configuredSecrets(home)) add(secret);
  /** Of each credential what it was sent with last: a login has another access every hour, for months. */
  const sent = new Map<string, (() => void)[]>();
  return {
    redactor,
    adoptToken: (token) => void redactor.add(token),
    remember(credential) {
      if (!("secret" in credential) || redactor.has(credential.secret)) return;
      const own = sent.get(credential.id) ?? [];
      sent.set(credential.id, own);
      own.push(redactor.add(credential.secret));
      // Those of requests under way are found until these have ended, for their streams hold them.
      if (own.length > KEPT_PER_CREDENTIAL) own.shift()?.();
    },
    adopt(next) {
      const old = withdrawals;
      withdrawals = [];
      // The new ones first: one that both hold is never without.
      for (const secret of configuredSecrets(next)) add(secret);
      for (const withdraw of old) withdraw();
    },
  };
}
