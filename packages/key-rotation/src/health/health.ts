import type { Candidate, Clock } from "@openclaw/secrets";
import type { CoolingCandidate } from "../errors.ts";
import type { Failure } from "../failure.ts";
import type { Headroom } from "../headroom.ts";
import type { Plan } from "../plan.ts";
import { createChooser, type ChooseOptions } from "./chooser.ts";
import type { HealthEntry, InFlight } from "./health-entry.ts";
import { adoptRecord, ALL_MODELS, recordsOf } from "./kept-records.ts";
import { takeFailure, takeSuccess, type HeldTicket, type OutcomeTools, type Touched } from "./outcomes.ts";
import { hasReady, unitsOf, type Entry } from "./ready-list.ts";
import type { HealthRecords } from "./record.ts";
import { windowOf } from "./slot.ts";
import type { Ticket } from "./ticket.ts";
import { allModels, modelsHeeded, read, type Unit } from "./unit.ts";
import { createUnits } from "./units.ts";
import { defaultCooldownPolicy, type CooldownPolicy } from "./window.ts";

/** What a window is cleared of. */
export interface ClearOptions {
  /** Under that id in every store unless given. */
  readonly store?: string;
  /** Of every model unless given; `*` is what holds for all of them. */
  readonly model?: string;
}

/** Remembers which credentials are to be left alone, and until when, and chooses among the others. */
export interface Health {
  /** A ticket for the credential to try next; none where all of them are in a window, probed or busy. */
  choose(plan: Plan, options?: ChooseOptions): Ticket | undefined;
  /** The credential `choose` would give. Takes no place. */
  peek(plan: Plan, options?: ChooseOptions): Candidate | undefined;
  /** A ticket for this very credential, when it may be tried now. */
  admit(candidate: Candidate, plan: Plan): Ticket | undefined;
  /**
   * The answer began well, and goes on: that is a success, while its place stays taken until `settle` or `release`. A failure
   * that `settle` then tells of counts, though nothing can be sent again.
   */
  confirm(ticket: Ticket): void;
  /** Tells how the attempt ended. `"abandoned"` is {@link Health.release}. */
  settle(ticket: Ticket, outcome: "ok" | "abandoned" | Failure): void;
  /** The attempt never happened, or its client left: frees the place and counts as nothing. Harmless after `settle`. */
  release(ticket: Ticket): void;
  /** Takes down what an answer said is left. Call it before `settle`. */
  observe(ticket: Ticket, headroom: readonly Headroom[]): void;
  /** Those of a plan that cannot be tried now, soonest end first. */
  cooling(plan: Plan): readonly CoolingCandidate[];
  /** Earliest end of a window in this plan, if none of its credentials can be tried now. */
  earliest(plan: Plan): number | undefined;
  inspect(): readonly HealthEntry[];
  /** What requests are under way with; the others are left out. */
  inFlight(): readonly InFlight[];
  /** How many pairs of credential and model something is remembered of. */
  size(): number;
  /**
   * Forgets the windows of a credential, and what is left of its limits; what is under way with it says nothing any more.
   * Whether there was a window.
   */
  clear(id: string, options?: ClearOptions): boolean;
  /** A session begins anew: what it was given says nothing about what it is given next. */
  forgetSession(session: string): void;
  /** What is to be kept of the credentials of one store, or of those without one. */
  records(store: string | undefined): HealthRecords;
  /** Makes the credentials of one store what was kept of them; no window is longer than the policy's longest. */
  adopt(store: string | undefined, records: HealthRecords): void;
  /** Tells of each store whose records are others now. Returns how to stop. */
  onChange(listener: (store: string | undefined) => void): () => void;
}

/** What health is kept with. */
export interface HealthOptions {
  readonly clock: Pick<Clock, "now">;
  readonly policy?: Partial<CooldownPolicy>;
}

/**
 * Cooldown windows per (credential, model) and per credential, in memory. Which credentials of a plan may be tried is kept
 * up to date as they cool and recover: choosing among a thousand looks at 32 words.
 */
export function createHealth(options: HealthOptions): Health {
  const { clock } = options;
  const policy: CooldownPolicy = { ...defaultCooldownPolicy, ...options.policy };
  const units = createUnits(policy);
  const held = new Map<number, HeldTicket>();
  const lastGood = new Map<string | undefined, Readonly<Record<string, string>>>();
  const listeners = new Set<(store: string | undefined) => void>();
  let sequence = 0;
  let latest = -Infinity;

  /** The time, with everything that is due by then. */
  function time(): number {
    const now = clock.now();
    if (now < latest) units.setBack(latest - now);
    latest = now;
    units.wake(now);
    return now;
  }

  /** A unit stands otherwise for a model, or for all of them without one. */
  function refresh(unit: Unit, model: string | undefined): void {
    units.refresh(unit, model, latest);
  }

  /** A window began, ended before its time, or is another. */
  function windowChanged({ unit, model }: Touched): void {
    refresh(unit, model);
    tell(unit.store);
  }

  function tell(store: string | undefined): void {
    for (const listener of listeners) listener(store);
  }

  const { entryOf, mayTry, listOf, find, remember, forget, coolingOf } = createChooser({ units, policy, now: () => latest });

  function issue({ candidate, credential, bucket }: Entry, plan: Plan, now: number): Ticket {
    sequence += 1;
    const ticket: Ticket = { candidate, model: plan.model, sequence, isAlone: plan.candidates.length === 1 };
    held.set(sequence, { ticket, credential, bucket });
    for (const unit of unitsOf({ credential, bucket })) unit.inFlight += 1;
    credential.lastSequence = sequence;
    credential.lastUsed = now;
    for (const unit of unitsOf({ credential, bucket })) beginProbe(unit, ticket, now);
    if (credential.maxima.has(credential.inFlight)) refresh(credential, allModels);
    tell(credential.store);
    return ticket;
  }

  function beginProbe(unit: Unit, ticket: Ticket, now: number): void {
    for (const model of modelsHeeded(ticket.model)) {
      const slot = unit.slots.get(model);
      if (!slot || !windowOf(slot, now, policy)) continue;
      slot.probe = ticket;
      slot.probedAt = now;
      refresh(unit, model);
    }
  }

  function endProbe({ ticket, credential, bucket }: HeldTicket): void {
    for (const unit of unitsOf({ credential, bucket })) {
      for (const model of modelsHeeded(ticket.model)) {
        const slot = unit.slots.get(model);
        if (slot?.probe !== ticket) continue;
        slot.probe = undefined;
        refresh(unit, model);
      }
    }
  }

  function free(own: HeldTicket): void {
    const { ticket, credential } = own;
    held.delete(ticket.sequence);
    const wasFull = credential.maxima.has(credential.inFlight);
    for (const unit of unitsOf(own)) unit.inFlight -= 1;
    endProbe(own);
    if (wasFull) refresh(credential, allModels);
    units.sweep(oldestUnderWay, latest);
  }

  /** A map keeps the order of insertion: the first is the oldest. */
  function oldestUnderWay(): number {
    for (const attempt of held.keys()) return attempt;
    return sequence + 1;
  }

  function succeed(own: HeldTicket): void {
    for (const touched of takeSuccess(own, units)) windowChanged(touched);
    const { provider, profileId, store } = own.ticket.candidate;
    if (profileId === undefined) return;
    const good = lastGood.get(store) ?? {};
    if (good[provider] === profileId) return;
    lastGood.set(store, { ...good, [provider]: profileId });
    tell(store);
  }

  function cooling(plan: Plan): readonly CoolingCandidate[] {
    time();
    return plan.candidates.flatMap((candidate) => coolingOf(candidate, plan.model)).toSorted((left, right) => left.until - right.until);
  }

  return {
    choose(plan, choice = {}) {
      const now = time();
      const list = listOf(plan.candidates);
      const index = find(list, plan, choice);
      const entry = list.entries[index];
      if (!entry) return undefined;
      list.lastIndex = index;
      if (choice.session !== undefined) remember(list, entry, plan, choice.session);
      return issue(entry, plan, now);
    },
    peek(plan, choice = {}) {
      time();
      const list = listOf(plan.candidates);
      return list.entries[find(list, plan, choice)]?.candidate;
    },
    admit(candidate, plan) {
      const now = time();
      const entry = entryOf(candidate);
      return mayTry(entry, plan.model) ? issue(entry, plan, now) : undefined;
    },
    confirm(ticket) {
      time();
      const own = held.get(ticket.sequence);
      if (own?.ticket !== ticket) return;
      succeed(own);
      endProbe(own);
    },
    settle(ticket, outcome) {
      const now = time();
      const own = held.get(ticket.sequence);
      if (own?.ticket !== ticket) return;
      const tools: OutcomeTools = { units, policy, now, latestAttempt: sequence };
      if (outcome === "ok") succeed(own);
      else if (outcome !== "abandoned") {
        const touched = takeFailure(own, outcome, tools);
        if (touched) windowChanged(touched);
      }
      free(own);
    },
    release(ticket) {
      time();
      const own = held.get(ticket.sequence);
      if (own?.ticket === ticket) free(own);
    },
    observe(ticket, headroom) {
      const now = time();
      const own = held.get(ticket.sequence);
      if (own?.ticket !== ticket || headroom.length === 0) return;
      const unit = own.bucket ?? own.credential;
      const { model, sequence } = ticket;
      if (sequence <= unit.clearedAt) return;
      for (const touched of read(unit, model, { sequence, headroom }, now, policy)) refresh(unit, touched);
    },
    cooling,
    earliest(plan) {
      time();
      return hasReady(listOf(plan.candidates), plan.model) ? undefined : cooling(plan)[0]?.until;
    },
    inspect() {
      const now = time();
      return [...units.all()].flatMap(({ id, store, slots }) =>
        [...slots].flatMap(([model, slot]) => {
          const window = windowOf(slot, now, policy);
          return window ? [{ id, ...(store !== undefined && { store }), model: model ?? ALL_MODELS, window }] : [];
        }),
      );
    },
    inFlight: () =>
      [...units.all()].flatMap(({ id, store, inFlight: count }) =>
        count > 0 ? [{ id, ...(store !== undefined && { store }), count }] : [],
      ),
    size: () => units.size(),
    forgetSession: forget,
    clear(id, { store, model } = {}) {
      const now = time();
      const isMeant = (name: string | undefined) => model === undefined || model === (name ?? ALL_MODELS);
      let wasThere = false;
      for (const unit of units.withId(id)) {
        if (store !== undefined && unit.store !== store) continue;
        if (model === undefined) unit.clearedAt = sequence;
        for (const name of [...unit.readings.keys()].filter(isMeant)) {
          unit.readings.delete(name);
          refresh(unit, name);
        }
        for (const [name, slot] of unit.slots) {
          if (!isMeant(name) || !windowOf(slot, now, policy)) continue;
          slot.window = undefined;
          windowChanged({ unit, model: name });
          wasThere = true;
        }
      }
      return wasThere;
    },
    records: (store) => recordsOf(store, { units, policy, now: time(), lastGood: lastGood.get(store) ?? {} }),
    adopt(store, records) {
      const tools = { units, policy, now: time(), latestAttempt: sequence };
      lastGood.set(store, records.lastGood);
      const ids = new Set([...records.credentials.keys(), ...Array.from(units.ofStore(store), (unit) => unit.id)]);
      for (const id of ids) {
        const unit = units.of(id, store);
        for (const model of adoptRecord(unit, records.credentials.get(id), tools)) refresh(unit, model);
      }
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
