import type { ExcludedCandidate } from "@openclaw/key-rotation";
import type { BillingClass } from "@openclaw/secrets";

/** Who pays for a credential, as far as that is known. */
export interface Payer {
  readonly id: string;
  readonly billing: BillingClass | undefined;
}

/** Why a credential is left out that is one of its own: whoever named it meant it to be used. */
const ownReasons: ReadonlySet<string> = new Set(["expired", "missing_credential", "invalid_expires", "unresolved_ref", "mode_mismatch"]);

/** Whether a credential is left out for what it is, and not by an order, a setting or the fence. */
export function isOwnReason(reason: string): boolean {
  return ownReasons.has(reason);
}

/** Ids of those paid per token that stand behind a flat plan in the sequence in which they were meant to be used. */
export function behindFlatPlan(payers: readonly Payer[]): ReadonlySet<string> {
  const first = payers.findIndex(({ billing }) => billing === "subscription");
  if (first < 0) return none;
  return new Set(payers.slice(first).flatMap(({ id, billing }) => (billing === "metered" ? [id] : [])));
}

const none: ReadonlySet<string> = new Set();

/** What says of a credential that going on to it would cost money nobody agreed to. */
export function behindFence({ id }: Pick<Payer, "id">): ExcludedCandidate {
  return { id, reason: "billing_fence", billing: "metered" };
}
