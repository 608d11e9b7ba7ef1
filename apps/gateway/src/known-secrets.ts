import { createRedactor, type Credential, type Redactor, type Secret } from "@openclaw/secrets";

/** The secrets this gateway has used, so that no answer repeats one. */
export interface KnownSecrets {
  readonly redactor: Redactor;
  /** Called with every credential before it is sent. */
  remember(credential: Credential): void;
}

/** Starts with the gateway's own token. */
export function createKnownSecrets(token: Secret, salt: Uint8Array): KnownSecrets {
  const redactor = createRedactor();
  redactor.add(token);
  const known = new Set<string>();
  return {
    redactor,
    remember(credential) {
      if (!("secret" in credential)) return;
      const name = credential.secret.fingerprint(salt);
      if (known.has(name)) return;
      known.add(name);
      redactor.add(credential.secret);
    },
  };
}
