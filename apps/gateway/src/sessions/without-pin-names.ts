import type { HomeSnapshot } from "@openclaw/home";
import { credentialFingerprint } from "../credential-fingerprint.ts";
import { UnservedError } from "../unserved-error.ts";

/** The same error, told to the client without the names of profiles that the client did not name itself. */
export function withoutPinNames(error: unknown, profileIds: readonly string[], home: HomeSnapshot): unknown {
  if (profileIds.length === 0) return error;
  const unserved = error instanceof UnservedError ? error : undefined;
  // A name may be the beginning of another.
  const longestFirst = profileIds.toSorted((left, right) => right.length - left.length);
  return new UnservedError(unserved ? unserved.cause : error, {
    trail: unserved?.trail ?? [],
    retryAt: unserved?.retryAt,
    withoutNames: (text) =>
      longestFirst.reduce((left, id) => left.replaceAll(id, credentialFingerprint(home, { id })), unserved?.withoutNames(text) ?? text),
  });
}
