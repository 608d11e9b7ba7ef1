import type { ExcludedCandidate } from "@openclaw/key-rotation";
import type { Candidate } from "@openclaw/secrets";
import { fenced, frozenStream, type CredentialStream } from "./credential-stream.ts";

/** What is tried first: a candidate, or one that was meant to be and is left out. */
type First = Candidate | ExcludedCandidate;

/**
 * Streams that begin with a pinned profile and go on as without it. What is paid per token is left out behind a flat plan, as in
 * an order, unless it `mayCross`. The same profile of the same `store` before the very same stream gives the very same one.
 */
export function createPreferredStreams(mayCross: boolean): (first: First, store: object, rest: CredentialStream) => CredentialStream {
  const made = new WeakMap<CredentialStream, WeakMap<object, Map<string, CredentialStream>>>();
  return (first, store, rest) => {
    const ofStores = made.get(rest) ?? new WeakMap<object, Map<string, CredentialStream>>();
    made.set(rest, ofStores);
    const own = ofStores.get(store) ?? new Map<string, CredentialStream>();
    ofStores.set(store, own);
    // It becomes unusable when it expires.
    const name = JSON.stringify([first.id, "reason" in first ? first.reason : ""]);
    const stream = own.get(name) ?? preferring(first, rest, mayCross);
    own.set(name, stream);
    return stream;
  };
}

function preferring(first: First, rest: CredentialStream, mayCross: boolean): CredentialStream {
  const others = <T extends { readonly id: string }>(items: readonly T[]) => items.filter(({ id }) => id !== first.id);
  const isUsable = "resolve" in first;
  const stream = frozenStream({
    candidates: isUsable ? [first, ...others(rest.candidates)] : others(rest.candidates),
    excluded: isUsable ? others(rest.excluded) : [first, ...others(rest.excluded)],
    payers: [{ id: first.id, billing: first.billing }, ...others(rest.payers)],
    isExplicit: true,
  });
  return mayCross ? stream : fenced(stream);
}
