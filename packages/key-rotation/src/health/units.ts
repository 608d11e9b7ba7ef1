import type { Candidate } from "@openclaw/secrets";
import { unitsOf, type ReadyList } from "./ready-list.ts";
import { createSlot, windowOf, type Slot } from "./slot.ts";
import { allModels, bucketId, createUnit, nextChange, setBack, unitKey, type Place, type Unit } from "./unit.ts";
import { createWakeUps } from "./wake-ups.ts";
import type { CooldownPolicy } from "./window.ts";

/** Every credential and bucket of which something is remembered, or that is in a list. */
export interface Units {
  all(): Iterable<Unit>;
  /** Those of one store, or those of none: there may be hundreds of stores. */
  ofStore(store: string | undefined): Iterable<Unit>;
  /** Those with one id, in whichever store. */
  withId(id: string): readonly Unit[];
  /** Made where it is not there yet. */
  of(id: string, store: string | undefined): Unit;
  /** The quota a credential shares with others. */
  bucketOf(candidate: Candidate): Unit | undefined;
  /** Made where it is not there yet. */
  slotOf(unit: Unit, model: string | undefined): Slot;
  /** Another number whenever something stands otherwise. */
  version(): number;
  /** Keeps a list up to date for as long as somebody has it. */
  enter(list: ReadyList): void;
  /** Looks at a unit again in every list that it is in, for one model; without one for all of them. */
  refresh(unit: Unit, model: string | undefined, now: number): void;
  /** Looks again at what stands otherwise because time has passed. */
  wake(now: number): void;
  /** The clock was set back. */
  setBack(byMs: number): void;
  /** How many pairs of unit and model something is remembered of. */
  size(): number;
  /** Forgets what says nothing, once there is much of it: what no attempt from `oldest` on could contradict. */
  sweep(oldest: () => number, now: number): void;
}

/** Slots kept before those that say nothing are looked for. Clients choose model names, so there is no end to them. */
const SWEEP_ABOVE = 256;
/** Where there are more windows, those of single models that have ended are forgotten as well, and their counts with them. */
const MOST_WINDOWS = 10_000;
const FEWEST_PLACES = 8;

export function createUnits(policy: CooldownPolicy): Units {
  const units = new Map<string, Unit>();
  const byStore = new Map<string | undefined, Set<Unit>>();
  const wakeUps = createWakeUps<{ readonly unit: Unit; readonly model: string | undefined }>();
  let version = 0;
  let slotCount = 0;
  let sweepAbove = SWEEP_ABOVE;

  function of(id: string, store: string | undefined): Unit {
    const key = unitKey(id, store);
    const known = units.get(key);
    if (known) return known;
    const unit = createUnit(id, store);
    units.set(key, unit);
    const others = byStore.get(store);
    if (others) others.add(unit);
    else byStore.set(store, new Set([unit]));
    return unit;
  }

  function addPlace(unit: Unit, place: Place): void {
    if (unit.places.length >= unit.pruneAt) {
      unit.places = unit.places.filter(({ list }) => list.deref() !== undefined);
      unit.pruneAt = Math.max(FEWEST_PLACES, 2 * unit.places.length);
    }
    unit.places.push(place);
  }

  function refresh(unit: Unit, model: string | undefined, now: number): void {
    version += 1;
    for (const { list, index } of unit.places) list.deref()?.refresh(index, model);
    const at = nextChange(unit, model, now, policy);
    if (at >= (unit.wakeAt.get(model) ?? Infinity)) return;
    unit.wakeAt.set(model, at);
    wakeUps.add(at, { unit, model });
  }

  function keepSlots(isKept: (slot: Slot, model: string | undefined) => boolean): void {
    slotCount = 0;
    for (const { slots } of units.values()) {
      for (const [model, slot] of slots) if (!isKept(slot, model)) slots.delete(model);
      slotCount += slots.size;
    }
  }

  /** Whether nothing is lost with it: no window, no request under way, in no list, and not used for a day. */
  function isForgotten({ slots, inFlight, places, lastUsed = 0 }: Unit, now: number): boolean {
    if (slots.size > 0 || inFlight > 0 || now < lastUsed + policy.forgetMs) return false;
    return places.every(({ list }) => list.deref() === undefined);
  }

  return {
    all: () => units.values(),
    ofStore: (store) => byStore.get(store) ?? [],
    withId: (id) => Array.from(byStore.keys(), (store) => units.get(unitKey(id, store))).filter((unit) => unit !== undefined),
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
    version: () => version,
    enter(list) {
      const ref = new WeakRef(list);
      for (const [index, entry] of list.entries.entries()) for (const unit of unitsOf(entry)) addPlace(unit, { list: ref, index });
    },
    refresh,
    wake(now) {
      if (wakeUps.nextAt() > now) return;
      for (const { unit, model } of wakeUps.takeDue(now)) {
        // Whoever has another time by now is looked at then.
        if ((unit.wakeAt.get(model) ?? Infinity) > now) continue;
        unit.wakeAt.delete(model);
        refresh(unit, model, now);
      }
    },
    setBack(byMs) {
      wakeUps.shift(-byMs);
      for (const unit of units.values()) setBack(unit, byMs);
    },
    size: () => slotCount,
    sweep(oldest, now) {
      if (slotCount <= sweepAbove) return;
      const first = oldest();
      const isNeeded = ({ probe, lastSuccess }: Slot) => probe !== undefined || lastSuccess >= first;
      let windowCount = 0;
      keepSlots((slot) => {
        const hasWindow = windowOf(slot, now, policy) !== undefined;
        if (hasWindow) windowCount += 1;
        return hasWindow || isNeeded(slot);
      });
      if (windowCount > MOST_WINDOWS) {
        keepSlots((slot, model) => model === allModels || (slot.window !== undefined && now < slot.window.until) || isNeeded(slot));
      }
      for (const [key, unit] of units) {
        if (!isForgotten(unit, now)) continue;
        units.delete(key);
        byStore.get(unit.store)?.delete(unit);
      }
      // A list that was asked for once may hold one of them.
      version += 1;
      sweepAbove = Math.max(SWEEP_ABOVE, 2 * slotCount);
    },
  };
}
