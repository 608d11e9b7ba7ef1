import type { Failure } from "../failure.ts";
import { unitsOf } from "./ready-list.ts";
import { windowOf } from "./slot.ts";
import type { Ticket } from "./ticket.ts";
import { allModels, modelsHeeded, type Unit } from "./unit.ts";
import type { Units } from "./units.ts";
import { nextWindow, windowReason, type CooldownPolicy } from "./window.ts";

/** An attempt under way, and what its outcome is remembered of. */
export interface HeldTicket {
  readonly ticket: Ticket;
  readonly credential: Unit;
  /** The quota it shares with others. */
  readonly bucket: Unit | undefined;
}

/** What outcomes are taken down with. */
export interface OutcomeTools {
  readonly units: Units;
  readonly policy: CooldownPolicy;
  readonly now: number;
  /** The latest attempt that has begun. */
  readonly latestAttempt: number;
}

/** What has another window now, and for which model. */
export interface Touched {
  readonly unit: Unit;
  readonly model: string | undefined;
}

/** Takes down a failure. A rate limit of a credential that shares its quota is the quota's. */
export function takeFailure({ ticket, credential, bucket }: HeldTicket, failure: Failure, tools: OutcomeTools): Touched | undefined {
  const { units, policy, now, latestAttempt } = tools;
  const { candidate, model, sequence } = ticket;
  const reason = windowReason(failure);
  const isNeverWhole = policy.neverWhole.includes(candidate.provider);
  if (reason === undefined || (isNeverWhole && model === undefined)) return undefined;
  const unit = reason === "rate_limit" && bucket !== undefined ? bucket : credential;
  const touched: Touched = { unit, model: isNeverWhole || failure.scope === "model" ? model : allModels };
  const slot = units.slotOf(unit, touched.model);
  if (sequence < slot.lastSuccess || sequence <= unit.clearedAt) return undefined;
  // Parsing what is no date leads to no number.
  const retryAt = Number.isNaN(failure.retryAt) ? undefined : failure.retryAt;
  if (reason === "rate_limit" && ticket.isAlone && retryAt === undefined) {
    if (slot.probe !== ticket || slot.window === undefined) return undefined;
    slot.window = undefined;
    return touched;
  }
  const before = windowOf(slot, now, policy);
  slot.window = nextWindow(before, { reason, retryAt, attempt: sequence, latestAttempt, provider: candidate.provider }, now, policy);
  return touched;
}

/** Takes down a success, which clears the windows of its model and those of the whole. */
export function takeSuccess({ ticket, credential, bucket }: HeldTicket, units: Units): readonly Touched[] {
  const { sequence } = ticket;
  const touched: Touched[] = [];
  for (const unit of unitsOf({ credential, bucket })) {
    for (const model of modelsHeeded(ticket.model)) {
      const slot = units.slotOf(unit, model);
      slot.lastSuccess = Math.max(slot.lastSuccess, sequence);
      if (slot.window === undefined || slot.window.failedAttempt >= sequence) continue;
      slot.window = undefined;
      touched.push({ unit, model });
    }
  }
  return touched;
}
