import type { HomeSnapshot } from "@openclaw/home";
import { credentialFingerprint } from "../credential-fingerprint.ts";
import { UnservedError } from "../unserved-error.ts";

/** The same error, told to the client without the name of a profile that the client did not name itself. */
export function withoutPinName(error: unknown, profileId: string, home: HomeSnapshot): UnservedError {
  const unserved = error instanceof UnservedError ? error : undefined;
  const fingerprint = credentialFingerprint(home, { id: profileId });
  return new UnservedError(unserved ? unserved.cause : error, {
    trail: unserved?.trail ?? [],
    retryAt: unserved?.retryAt,
    withoutNames: (text) => (unserved?.withoutNames(text) ?? text).replaceAll(profileId, fingerprint),
  });
}
