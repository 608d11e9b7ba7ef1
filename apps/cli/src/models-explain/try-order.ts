import type { CoolingCandidate, Health, Plan } from "@openclaw/key-rotation";
import type { Candidate } from "@openclaw/secrets";

/** The credentials of a plan as one request would come to them. */
export interface TryOrder {
  /** In the order one request would try them, did each of them fail. */
  readonly now: readonly Candidate[];
  /** Those that cannot be tried now, the soonest to recover first. */
  readonly later: readonly { readonly candidate: Candidate; readonly cooling: CoolingCandidate }[];
}

/** Asks health as a request does, one credential after the other. Takes no place. */
export function tryOrder(plan: Plan, health: Pick<Health, "peek" | "cooling">, session: string | undefined): TryOrder {
  const tried = new Set<string>();
  const now: Candidate[] = [];
  const ask = { tried, ...(session !== undefined && { session }) };
  for (let candidate = health.peek(plan, ask); candidate; candidate = health.peek(plan, ask)) {
    tried.add(candidate.id);
    now.push(candidate);
  }
  const byId = new Map(plan.candidates.map((candidate) => [candidate.id, candidate]));
  const later = health.cooling(plan).flatMap((cooling) => {
    const candidate = tried.has(cooling.id) ? undefined : byId.get(cooling.id);
    return candidate ? [{ candidate, cooling }] : [];
  });
  return { now, later };
}
