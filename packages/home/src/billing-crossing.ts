import type { Plan } from "@openclaw/key-rotation";
import type { Candidate } from "@openclaw/secrets";
import { behindFlatPlan, isOwnReason, type Payer } from "./billing-fence.ts";

/** A request that is paid per token although a flat plan was there for it. */
export interface BillingCrossing {
  readonly from: "subscription";
  readonly to: "metered";
}

const crossing: BillingCrossing = Object.freeze({ from: "subscription", to: "metered" });

/** Ids of those in a list of candidates that stand behind a flat plan, before cooldowns moved any. */
const behindInLists = new WeakMap<readonly Candidate[], ReadonlySet<string>>();

/** Notes in which sequence the candidates of a list were meant to be used. */
export function notePayers(candidates: readonly Candidate[], payers: readonly Payer[]): void {
  if (candidates.length > 0) behindInLists.set(candidates, behindFlatPlan(payers));
}

/**
 * Whether a request that `served` answered went from a flat plan to one that is paid per token, within its provider: a
 * subscription stands before it in the plan, be it cooling, or was left out because it is expired or broken. Where an
 * order is set or a profile pinned this happens only with `auth.billingCrossing: "allow"`.
 */
export function billingCrossing(plan: Plan, served: Candidate): BillingCrossing | undefined {
  if (served.billing !== "metered") return undefined;
  const behind =
    behindInLists.get(plan.candidates) ??
    behindFlatPlan([...plan.excluded.filter(({ reason }) => isOwnReason(reason)).map(payerOf), ...plan.candidates]);
  return behind.has(served.id) ? crossing : undefined;
}

function payerOf({ id, billing }: Plan["excluded"][number]): Payer {
  return { id, billing };
}
