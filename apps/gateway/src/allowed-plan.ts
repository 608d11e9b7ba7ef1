import type { Plan } from "@openclaw/key-rotation";
import type { Candidate } from "@openclaw/secrets";
import type { Caller } from "./caller.ts";

/** Health keeps what it needs per list of candidates, so the very same credentials have to come as the very same list. */
const lists = new WeakMap<Caller, WeakMap<readonly Candidate[], readonly Candidate[]>>();

/** The plan without the credentials its caller may not use. */
export function allowedPlan(plan: Plan, caller: Caller): Plan {
  if (caller.isAdmin) return plan;
  const candidates = allowedCandidates(plan.candidates, caller);
  if (candidates === plan.candidates) return plan;
  return { ...plan, candidates, excluded: plan.excluded.filter(({ id }) => caller.allowsProfile(id)) };
}

function allowedCandidates(all: readonly Candidate[], caller: Caller): readonly Candidate[] {
  const own = lists.get(caller) ?? new WeakMap<readonly Candidate[], readonly Candidate[]>();
  lists.set(caller, own);
  const known = own.get(all);
  if (known) return known;
  const allowed = all.filter((candidate) => isAllowed(candidate, caller));
  const list = allowed.length === all.length ? all : Object.freeze(allowed);
  own.set(all, list);
  return list;
}

/** Whoever may use some profiles only may use no key either: a key is called by the place it comes from, as by a name. */
function isAllowed({ profileId, origin, via, billing }: Candidate, caller: Caller): boolean {
  // Nobody pays for what runs on this machine.
  if (via === "key" && billing === "local") return true;
  return caller.allowsProfile(profileId ?? origin);
}
