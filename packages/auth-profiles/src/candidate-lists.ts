import type { Candidate } from "@openclaw/secrets";
import type { ProfileBilling } from "./candidate.ts";

/** What candidates of one profile differ in. */
export interface CandidateUse {
  /** Canonical id. */
  readonly provider: string;
  readonly hosts: readonly string[];
  readonly billing: ProfileBilling;
}

/** A provider is asked for in as many ways as there are names for it with addresses of their own: in a few. */
const MAX_USES = 4;

/**
 * Lists of candidates, made once for as long as a provider is asked for with the same hosts and the same billing.
 * The very same ids have the very same list.
 */
export function createCandidateLists(
  candidateOf: (id: string, use: CandidateUse) => Candidate,
): (ids: readonly string[], use: CandidateUse) => readonly Candidate[] {
  const made = new Map<string, readonly MadeCandidates[]>();
  return (ids, { provider, hosts, billing }) => {
    if (ids.length === 0) return none;
    const known = made.get(provider) ?? [];
    let own = known.find((each) => each.use.billing === billing && isSame(each.use.hosts, hosts));
    if (own === undefined) {
      // A copy: who changes its list of hosts later must not change where kept secrets may go.
      own = { use: { provider, hosts: Object.freeze([...hosts]), billing }, candidates: new Map(), lists: new WeakMap() };
      made.set(provider, [own, ...known.slice(0, MAX_USES - 1)]);
    }
    const { use, candidates, lists } = own;
    const kept = lists.get(ids);
    if (kept !== undefined) return kept;
    const list = Object.freeze(ids.map((id) => candidates.get(id) ?? candidateOf(id, use)));
    for (const candidate of list) candidates.set(candidate.id, candidate);
    lists.set(ids, list);
    return list;
  };
}

interface MadeCandidates {
  readonly use: CandidateUse;
  readonly candidates: Map<string, Candidate>;
  readonly lists: WeakMap<readonly string[], readonly Candidate[]>;
}

const none: readonly Candidate[] = Object.freeze([]);

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}
