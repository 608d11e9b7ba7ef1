import { configuredSecrets, type HomeSnapshot } from "@openclaw/home";
import { createRedactor, type Credential, type Redactor, type Secret } from "@openclaw/secrets";

/** The secrets this gateway has used or could use, so that no answer repeats one. */
export interface KnownSecrets {
  readonly redactor: Redactor;
  /** Called with every credential before it is sent: what stores hold is known from its first use. */
  remember(credential: Credential): void;
  /** Takes those of a new reading over. Those of the one before stay until the requests that began with it have ended. */
  adopt(home: HomeSnapshot): void;
}

/** Starts with the gateway's own token, which stays. */
export function createKnownSecrets(token: Secret, home: HomeSnapshot): KnownSecrets {
  const redactor = createRedactor();
  redactor.add(token);
  let withdrawals: (() => void)[] = [];
  const add = (secret: Secret) => void withdrawals.push(redactor.add(secret));
  for (const secret of configuredSecrets(home)) add(secret);
  return {
    redactor,
    remember(credential) {
      if ("secret" in credential && !redactor.has(credential.secret)) add(credential.secret);
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
