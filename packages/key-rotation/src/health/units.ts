import type { Candidate } from "@openclaw/secrets";
import type { ReadyList } from "./ready-list.ts";
import { createSlot, windowOf, type Slot } from "./slot.ts";
import { bucketId, createUnit, unitKey, type Unit } from "./unit.ts";
import type { CooldownPolicy } from "./window.ts";

/** Every credential and bucket of which something is remembered, or that is in a list. */
export interface Units {
  all(): Iterable<Unit>;
  find(id: string, store: string | undefined): Unit | undefined;
  /** Made where it is not there yet. */
  of(id: string, store: string | undefined): Unit;
  /** The quota a credential shares with others. */
  bucketOf(candidate: Candidate): Unit | undefined;
  /** Made where it is not there yet. */
  slotOf(unit: Unit, model: string | undefined): Slot;
  enter(unit: Unit, list: ReadyList, index: number): void;
  /** Looks at a unit again in every list that it is in. */
  refresh(unit: Unit, models: Iterable<string | undefined>): void;
  /** How many pairs of unit and model something is remembered of. */
  size(): number;
  /** Forgets what says nothing, once there is much of it: what no attempt from `oldest` on could contradict. */
  sweep(oldest: () => number, now: number): void;
}

/** Slots kept before those that say nothing are looked for. Clients choose model names, so there is no end to them. */
const SWEEP_ABOVE = 256;

export function createUnits(policy: CooldownPolicy): Units {
  const units = new Map<string, Unit>();
  let slotCount = 0;
  let sweepAbove = SWEEP_ABOVE;

  const find = (id: string, store: string | undefined) => units.get(unitKey(id, store));

  function of(id: string, store: string | undefined): Unit {
    const known = find(id, store);
    if (known) return known;
    const unit = createUnit(id, store);
    units.set(unitKey(id, store), unit);
    return unit;
  }

  /** Whether nothing is lost with it: no window, no request under way, in no list, and not used for a day. */
  function isForgotten({ slots, inFlight, places, lastUsed = 0 }: Unit, now: number): boolean {
    if (slots.size > 0 || inFlight > 0 || now < lastUsed + policy.forgetMs) return false;
    return places.every(({ list }) => list.deref() === undefined);
  }

  return {
    all: () => units.values(),
    find,
    of,
    bucketOf(candidate) {
      const id = bucketId(candidate);
      return id === undefined ? undefined : of(id, undefined);
    },
    slotOf(unit, model) {
      const known = unit.slots.get(model);
      if (known) return known;
      const slot = createSlot();
      unit.slots.set(model, slot);
      slotCount += 1;
      return slot;
    },
    enter(unit, list, index) {
      unit.places = [...unit.places.filter((place) => place.list.deref() !== undefined), { list: new WeakRef(list), index }];
    },
    refresh(unit, models) {
      for (const { list, index } of unit.places) list.deref()?.refresh(index, models);
    },
    size: () => slotCount,
    sweep(oldest, now) {
      if (slotCount <= sweepAbove) return;
      const first = oldest();
      slotCount = 0;
      for (const [key, unit] of units) {
        for (const [model, slot] of unit.slots) {
          if (!windowOf(slot, now, policy) && !slot.probe && slot.lastSuccess < first) unit.slots.delete(model);
        }
        slotCount += unit.slots.size;
        if (isForgotten(unit, now)) units.delete(key);
      }
      sweepAbove = Math.max(SWEEP_ABOVE, 2 * slotCount);
    },
  };
}
