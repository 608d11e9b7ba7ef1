import type { Candidate, Clock } from "@openclaw/secrets";
import type { CoolingCandidate } from "../errors.ts";
import type { Failure } from "../failure.ts";
import type { Plan } from "../plan.ts";
import { defaultCooldownPolicy, windowEnd, windowReason, type CooldownPolicy, type CooldownWindow } from "./window.ts";

/** The right to make one attempt. Give it back with `settle` or `release`. */
export interface Ticket {
  readonly candidate: Candidate;
  readonly model: string | undefined;
  /** Order of attempts: an outcome never overwrites that of a later attempt. */
  readonly sequence: number;
  /** No other credential was in the plan: without a provider's hint it is not held back. */
  readonly isAlone: boolean;
}

export interface HealthEntry {
  readonly id: string;
  /** The model the window is for, or `*` for all. */
  readonly model: string;
  readonly window: CooldownWindow;
}

/** Remembers which credentials are to be left alone, and until when. */
export interface Health {
  /** A ticket when the credential may be tried now; none in a window, or while another request probes it. */
  admit(candidate: Candidate, plan: Plan): Ticket | undefined;
  settle(ticket: Ticket, outcome: "ok" | "abandoned" | Failure): void;
  /** The attempt never happened, or its client left: frees the place and counts as nothing. */
  release(ticket: Ticket): void;
  /** Those of a plan that are in a window now, soonest end first. */
  cooling(plan: Plan): readonly CoolingCandidate[];
  /** Earliest end of a window in this plan, if all its credentials are in one. */
  earliest(plan: Plan): number | undefined;
  inspect(): readonly HealthEntry[];
  /** Forgets all windows of a credential. */
  clear(id: string): void;
}

export interface HealthOptions {
  readonly clock: Clock;
  readonly policy?: Partial<CooldownPolicy>;
}

interface Slot {
  readonly id: string;
  readonly model: string;
  window: CooldownWindow | undefined;
  /** The one request that tries a half-open credential. */
  probe: Ticket | undefined;
  lastSuccess: number;
}

const ALL_MODELS = "*";

/** Cooldown windows in memory, per (credential, model) and per credential. */
export function createHealth(options: HealthOptions): Health {
  const { clock } = options;
  const policy: CooldownPolicy = { ...defaultCooldownPolicy, ...options.policy };
  const slots = new Map<string, Slot>();
  let sequence = 0;

  const keyOf = (id: string, model: string) => `${id}\n${model}`;
  const slotsOf = (id: string, model: string | undefined) =>
    [ALL_MODELS, ...(model === undefined ? [] : [model])].map((name) => slots.get(keyOf(id, name))).filter((slot) => slot !== undefined);

  function slotFor(id: string, model: string): Slot {
    const found = slots.get(keyOf(id, model));
    if (found) return found;
    const made: Slot = { id, model, window: undefined, probe: undefined, lastSuccess: 0 };
    slots.set(keyOf(id, model), made);
    return made;
  }

  function openWindow(ticket: Ticket, failure: Failure): void {
    const reason = windowReason(failure);
    if (reason === undefined) return;
    if (reason === "rate_limit" && ticket.isAlone && failure.retryAt === undefined) return;
    const now = clock.now();
    const isWide = failure.scope !== "model" || ticket.model === undefined;
    const slot = slotFor(ticket.candidate.id, isWide ? ALL_MODELS : (ticket.model ?? ALL_MODELS));
    if (ticket.sequence < slot.lastSuccess) return;

    const open = slot.window;
    const wasInFlight = open !== undefined && ticket.sequence !== slot.probe?.sequence && now < open.until;
    const count = open === undefined || now - open.failedAt > policy.forgetMs ? 1 : wasInFlight ? open.count : open.count + 1;
    const until = windowEnd(reason, count, failure.retryAt, now, policy);
    slot.window = wasInFlight
      ? { ...open, until: Math.max(open.until, until), openedBy: Math.max(open.openedBy, ticket.sequence), failedAt: now }
      : { until, reason, count, openedBy: ticket.sequence, failedAt: now };
  }

  function endProbe(ticket: Ticket): void {
    for (const slot of slotsOf(ticket.candidate.id, ticket.model)) {
      if (slot.probe === ticket) slot.probe = undefined;
    }
  }

  function cooling(plan: Plan): readonly CoolingCandidate[] {
    const now = clock.now();
    return plan.candidates
      .flatMap((candidate) =>
        slotsOf(candidate.id, plan.model)
          .filter((slot) => slot.window !== undefined && (now < slot.window.until || slot.probe !== undefined))
          .map((slot) => ({
            id: candidate.id,
            origin: candidate.origin,
            until: Math.max(slot.window?.until ?? now, now),
            reason: slot.window?.reason ?? "rate_limit",
          }))
          .toSorted((left, right) => right.until - left.until)
          .slice(0, 1),
      )
      .toSorted((left, right) => left.until - right.until);
  }

  return {
    admit(candidate, plan) {
      const now = clock.now();
      const found = slotsOf(candidate.id, plan.model).filter((slot) => slot.window !== undefined);
      if (found.some((slot) => slot.probe !== undefined || now < (slot.window?.until ?? 0))) return undefined;
      sequence += 1;
      const ticket: Ticket = { candidate, model: plan.model, sequence, isAlone: plan.candidates.length === 1 };
      for (const slot of found) slot.probe = ticket;
      return ticket;
    },
    settle(ticket, outcome) {
      if (typeof outcome === "object") openWindow(ticket, outcome);
      endProbe(ticket);
      if (outcome !== "ok") return;
      for (const slot of slotsOf(ticket.candidate.id, ticket.model)) {
        slot.lastSuccess = Math.max(slot.lastSuccess, ticket.sequence);
        if (slot.window !== undefined && slot.window.openedBy < ticket.sequence) slot.window = undefined;
      }
    },
    release: endProbe,
    cooling,
    earliest(plan) {
      const found = cooling(plan);
      return found.length === plan.candidates.length ? found[0]?.until : undefined;
    },
    inspect: () => [...slots.values()].flatMap((slot) => (slot.window ? [{ id: slot.id, model: slot.model, window: slot.window }] : [])),
    clear(id) {
      for (const [key, slot] of slots) if (slot.id === id) slots.delete(key);
    },
  };
}
