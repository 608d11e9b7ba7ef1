import type { Candidate, Clock } from "@openclaw/secrets";
import type { CoolingCandidate } from "../errors.ts";
import type { Failure } from "../failure.ts";
import type { Plan } from "../plan.ts";
import { defaultCooldownPolicy, nextWindow, windowReason, type CooldownPolicy, type CooldownWindow } from "./window.ts";

/** The right to make one attempt. Give it back with `settle` or `release`. */
export interface Ticket {
  readonly candidate: Candidate;
  readonly model: string | undefined;
  /** Order of attempts: an outcome never overwrites that of a later attempt. */
  readonly sequence: number;
  /** No other credential was in the plan: without a provider's hint it is not held back. */
  readonly isAlone: boolean;
}

/** One window, as people look at it. */
export interface HealthEntry {
  readonly id: string;
  /** The model the window is for, or `*` for all. */
  readonly model: string;
  /** Its end may lie in the past: the credential is half-open then. */
  readonly window: CooldownWindow;
}

/** Remembers which credentials are to be left alone, and until when. */
export interface Health {
  /** A ticket when the credential may be tried now; none in a window, or while another request probes it. */
  admit(candidate: Candidate, plan: Plan): Ticket | undefined;
  /** Tells how the attempt ended. `"abandoned"` is {@link Health.release}. */
  settle(ticket: Ticket, outcome: "ok" | "abandoned" | Failure): void;
  /** The attempt never happened, or its client left: frees the place and counts as nothing. Harmless after `settle`. */
  release(ticket: Ticket): void;
  /** Those of a plan that cannot be tried now, soonest end first. */
  cooling(plan: Plan): readonly CoolingCandidate[];
  /** Earliest end of a window in this plan, if none of its credentials can be tried now. */
  earliest(plan: Plan): number | undefined;
  inspect(): readonly HealthEntry[];
  /** How many pairs of credential and model something is remembered of. */
  size(): number;
  /** Forgets all windows of a credential. */
  clear(id: string): void;
}

/** What health is kept with. */
export interface HealthOptions {
  readonly clock: Clock;
  readonly policy?: Partial<CooldownPolicy>;
}

/** What is remembered of one credential for one model, or for all. */
interface Slot {
  window: CooldownWindow | undefined;
  /** The one request that tries a half-open credential. */
  probe: Ticket | undefined;
  /** When the probe began. */
  probedAt: number;
  /** Latest attempt that succeeded. */
  lastSuccess: number;
}

/** Slots kept before those that say nothing are looked for. Clients choose model names, so there is no end to them. */
const SWEEP_ABOVE = 256;

/** The key of what holds for a credential whatever the model. */
const allModels = undefined;

/** Cooldown windows in memory, per (credential, model) and per credential. */
export function createHealth(options: HealthOptions): Health {
  const { clock } = options;
  const policy: CooldownPolicy = { ...defaultCooldownPolicy, ...options.policy };
  const credentials = new Map<string, Map<string | undefined, Slot>>();
  const inFlight = new Set<number>();
  let sequence = 0;
  let slotCount = 0;
  let sweepAbove = SWEEP_ABOVE;

  function slotFor(id: string, model: string | undefined): Slot {
    const models = credentials.get(id) ?? new Map<string | undefined, Slot>();
    credentials.set(id, models);
    const known = models.get(model);
    if (known) return known;
    const slot: Slot = { window: undefined, probe: undefined, probedAt: 0, lastSuccess: 0 };
    models.set(model, slot);
    slotCount += 1;
    return slot;
  }

  /** Forgets slots without a window whose last success no attempt still under way could contradict. */
  function sweep(): void {
    if (slotCount <= sweepAbove) return;
    // Sets keep the order of insertion: the first is the oldest.
    const [oldest = sequence + 1] = inFlight;
    for (const [id, models] of credentials) {
      for (const [model, slot] of models) {
        if (!windowOf(slot) && !slot.probe && slot.lastSuccess < oldest) models.delete(model);
      }
      if (models.size === 0) credentials.delete(id);
    }
    slotCount = [...credentials.values()].reduce((sum, models) => sum + models.size, 0);
    sweepAbove = Math.max(SWEEP_ABOVE, 2 * slotCount);
  }

  /** The slots a request for `model` has to heed. */
  function slotsOf(id: string, model: string | undefined): readonly Slot[] {
    const models = credentials.get(id);
    return [models?.get(allModels), ...(model === undefined ? [] : [models?.get(model)])].filter((slot) => slot !== undefined);
  }

  /** The window of a slot, unless it is forgotten by now. */
  function windowOf(slot: Slot): CooldownWindow | undefined {
    if (slot.window && clock.now() >= slot.window.until + policy.forgetMs) slot.window = undefined;
    return slot.window;
  }

  /** The window that keeps a request from being made now: it is open, or half-open and another request probes. */
  function barring(slot: Slot): CooldownWindow | undefined {
    const window = windowOf(slot);
    const isProbed = slot.probe !== undefined && clock.now() < slot.probedAt + policy.probeMs;
    return window && (isProbed || clock.now() < window.until) ? window : undefined;
  }

  function fail(ticket: Ticket, failure: Failure): void {
    const { candidate, model, sequence: attempt } = ticket;
    const reason = windowReason(failure);
    const isNeverWhole = policy.neverWhole.includes(candidate.provider);
    if (reason === undefined || (isNeverWhole && model === undefined)) return;
    const slot = slotFor(candidate.id, isNeverWhole || failure.scope === "model" ? model : allModels);
    if (attempt < slot.lastSuccess) return;
    if (reason === "rate_limit" && ticket.isAlone && failure.retryAt === undefined) {
      if (slot.probe === ticket) slot.window = undefined;
      return;
    }
    slot.window = nextWindow(windowOf(slot), { reason, retryAt: failure.retryAt, attempt, latestAttempt: sequence }, clock.now(), policy);
  }

  function succeed(ticket: Ticket): void {
    for (const slot of new Set([slotFor(ticket.candidate.id, allModels), slotFor(ticket.candidate.id, ticket.model)])) {
      slot.lastSuccess = Math.max(slot.lastSuccess, ticket.sequence);
      if (slot.window && slot.window.failedAttempt < ticket.sequence) slot.window = undefined;
    }
  }

  function release(ticket: Ticket): void {
    for (const slot of slotsOf(ticket.candidate.id, ticket.model)) {
      if (slot.probe === ticket) slot.probe = undefined;
    }
    if (inFlight.delete(ticket.sequence)) sweep();
  }

  function coolingOf(candidate: Candidate, model: string | undefined): readonly CoolingCandidate[] {
    const windows = slotsOf(candidate.id, model).flatMap((slot) => barring(slot) ?? []);
    const [longest] = windows.toSorted((left, right) => right.until - left.until);
    if (!longest) return [];
    return [{ id: candidate.id, origin: candidate.origin, until: Math.max(longest.until, clock.now()), reason: longest.reason }];
  }

  function cooling(plan: Plan): readonly CoolingCandidate[] {
    return plan.candidates.flatMap((candidate) => coolingOf(candidate, plan.model)).toSorted((left, right) => left.until - right.until);
  }

  return {
    admit(candidate, plan) {
      const slots = slotsOf(candidate.id, plan.model);
      if (slots.some((slot) => barring(slot))) return undefined;
      sequence += 1;
      const ticket: Ticket = { candidate, model: plan.model, sequence, isAlone: plan.candidates.length === 1 };
      inFlight.add(sequence);
      for (const slot of slots) {
        if (!windowOf(slot)) continue;
        slot.probe = ticket;
        slot.probedAt = clock.now();
      }
      return ticket;
    },
    settle(ticket, outcome) {
      if (outcome === "ok") succeed(ticket);
      else if (outcome !== "abandoned") fail(ticket, outcome);
      release(ticket);
    },
    release,
    cooling,
    earliest(plan) {
      const found = cooling(plan);
      return found.length === plan.candidates.length ? found[0]?.until : undefined;
    },
    inspect: () =>
      [...credentials].flatMap(([id, models]) =>
        [...models].flatMap(([model, slot]) => {
          const window = windowOf(slot);
          return window ? [{ id, model: model ?? "*", window }] : [];
        }),
      ),
    size: () => slotCount,
    clear(id) {
      slotCount -= credentials.get(id)?.size ?? 0;
      credentials.delete(id);
    },
  };
}
