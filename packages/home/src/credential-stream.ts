import type { ProfileCandidates } from "@openclaw/auth-profiles";
import type { ExcludedCandidate } from "@openclaw/key-rotation";
import type { BillingClass, Candidate } from "@openclaw/secrets";
import { notePayers } from "./billing-crossing.ts";
import { behindFence, behindFlatPlan, isOwnReason, type Payer } from "./billing-fence.ts";

/** Credentials in the order in which they are tried, with those left out. */
export interface CredentialStream {
  readonly candidates: readonly Candidate[];
  readonly excluded: readonly ExcludedCandidate[];
  /** In the sequence in which they were meant to be used, whatever cools, and with those that are broken. */
  readonly payers: readonly Payer[];
  /** Pinned or ordered. */
  readonly isExplicit: boolean;
}

/** Where there are no profiles. */
export const noProfiles: CredentialStream = frozenStream({ candidates: [], excluded: [], payers: [], isExplicit: false });

/**
 * Stored profiles as they stand, but that one which cools down goes behind those only whom the same people pay for. What is
 * stored of cooldowns may have ended, been cleared or be longer than health believes, and then nobody is to pay for it.
 * `billingOf` is asked of those that are left out because they are broken.
 */
export function profileStream(stored: ProfileCandidates, billingOf: (id: string) => BillingClass | undefined): CredentialStream {
  const { isExplicit } = stored;
  const candidates = besideTheirLike(stored);
  const excluded = stored.excluded.map(({ id, reason }): ExcludedCandidate => {
    const billing = isOwnReason(reason) ? billingOf(id) : undefined;
    return billing === undefined ? { id, reason } : { id, reason, billing };
  });
  const known = new Map([...excluded, ...candidates].map(({ id, billing }) => [id, billing]));
  // Without an order nobody said where a broken one would stand; a login or a token comes before every key.
  const sequence = isExplicit ? stored.sequence : [...excluded.map(({ id }) => id), ...stored.sequence];
  return frozenStream({ candidates, excluded, isExplicit, payers: sequence.map((id) => ({ id, billing: known.get(id) })) });
}

/** Candidates in their sequence, and among those side by side in it whom the same people pay for as they were. */
function besideTheirLike({ candidates, sequence }: ProfileCandidates): readonly Candidate[] {
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const places = new Map<string, number>();
  let [place, billing]: [number, BillingClass | undefined] = [0, undefined];
  for (const candidate of sequence.flatMap((id) => byId.get(id) ?? [])) {
    if (candidate.billing !== billing) [place, billing] = [place + 1, candidate.billing];
    places.set(candidate.id, place);
  }
  const placeOf = ({ id }: Candidate) => places.get(id) ?? 0;
  return candidates.toSorted((left, right) => placeOf(left) - placeOf(right));
}

/** Keys behind the profiles. The list stays the very same where there are none. */
export function withKeys(stream: CredentialStream, keys: readonly Candidate[], excluded: readonly ExcludedCandidate[]): CredentialStream {
  return frozenStream({
    ...stream,
    candidates: keys.length === 0 ? stream.candidates : [...stream.candidates, ...keys],
    excluded: [...stream.excluded, ...excluded],
    payers: [...stream.payers, ...keys],
  });
}

/** Without the keys that are paid per token and stand behind a flat plan. */
export function fenced(stream: CredentialStream): CredentialStream {
  const behind = behindFlatPlan(stream.payers);
  const out = stream.candidates.filter(({ id }) => behind.has(id));
  if (out.length === 0) return stream;
  return frozenStream({
    ...stream,
    candidates: stream.candidates.filter(({ id }) => !behind.has(id)),
    excluded: [...stream.excluded, ...out.map(behindFence)],
    payers: stream.payers.filter(({ id }) => !behind.has(id)),
  });
}

/** What is handed out is kept, and cannot be changed. */
export function frozenStream({ candidates, excluded, payers, isExplicit }: CredentialStream): CredentialStream {
  notePayers(Object.freeze(candidates), payers);
  return Object.freeze({ candidates, excluded: Object.freeze(excluded), payers, isExplicit });
}
