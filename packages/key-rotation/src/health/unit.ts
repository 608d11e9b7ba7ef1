import type { Candidate } from "@openclaw/secrets";
import type { Headroom } from "../headroom.ts";
import type { ReadyList } from "./ready-list.ts";
import { hashText } from "./rendezvous.ts";
import { barringWindow, type Slot } from "./slot.ts";
import type { CooldownPolicy, CooldownWindow } from "./window.ts";

/** What holds whatever the model. */
export const allModels = undefined;

/** Models whose headroom is kept per credential. Clients choose model names, so there is no end to them. */
const MOST_MODELS = 64;

/** What an answer said is left, and which attempt it answered. */
interface Reading {
  readonly sequence: number;
  readonly headroom: readonly Headroom[];
  /** Until then it is low; in the past where it is not. */
  readonly lowUntil: number;
}

/** What has windows: a credential, or a quota that several share. */
export interface Unit {
  readonly id: string;
  readonly store: string | undefined;
  /** Of its id and store. */
  readonly hash: number;
  readonly slots: Map<string | undefined, Slot>;
  readonly readings: Map<string | undefined, Reading>;
  inFlight: number;
  /** How many at once some candidate allows: with so many under way it stands otherwise than with one less. */
  readonly maxima: Set<number>;
  /** The latest attempt it was given. */
  lastSequence: number;
  /** Epoch milliseconds. */
  lastUsed: number | undefined;
  /** What began no later than this attempt says nothing any more: it was cleared since, or replaced. */
  clearedAt: number;
  /** When it is looked at again for a model because it stands otherwise by then. */
  readonly wakeAt: Map<string | undefined, number>;
  /** The lists it is in. A list goes with its candidates. */
  places: Place[];
  /** How many places there are before those of lists that have gone are looked for. */
  pruneAt: number;
}

/** A place in a list. */
export interface Place {
  readonly list: WeakRef<ReadyList>;
  readonly index: number;
}

export function createUnit(id: string, store: string | undefined): Unit {
  return {
    id,
    store,
    hash: hashText(unitKey(id, store)),
    slots: new Map(),
    readings: new Map(),
    inFlight: 0,
    maxima: new Set(),
    lastSequence: 0,
    lastUsed: undefined,
    clearedAt: 0,
    wakeAt: new Map(),
    places: [],
    pruneAt: 0,
  };
}

/** Two stores may hold different credentials under one id. */
export function unitKey(id: string, store: string | undefined): string {
  return store === undefined ? id : `${store}\n${id}`;
}

/** The id of a quota that several credentials share. */
export function bucketId({ provider, bucket }: Candidate): string | undefined {
  return bucket === undefined ? undefined : `bucket:${provider}:${bucket}`;
}

/** The models whose windows a request for `model` has to heed. */
export function modelsHeeded(model: string | undefined): readonly (string | undefined)[] {
  return model === undefined ? onlyAll : [allModels, model];
}

const onlyAll = [allModels];

/** The slots a request for `model` has to heed. */
function slotsOf(unit: Unit, model: string | undefined): readonly Slot[] {
  const [shared, own] = [unit.slots.get(allModels), model === undefined ? undefined : unit.slots.get(model)];
  if (shared === undefined) return own === undefined ? none : [own];
  return own === undefined ? [shared] : [shared, own];
}

const none: readonly Slot[] = [];

/** The windows that keep a request for `model` from being made with it now. */
export function barringWindows(unit: Unit, model: string | undefined, now: number, policy: CooldownPolicy): readonly CooldownWindow[] {
  return slotsOf(unit, model).flatMap((slot) => barringWindow(slot, now, policy) ?? []);
}

/** Whether its provider said that next to nothing is left for `model`. */
export function isLow(unit: Unit, model: string | undefined, now: number): boolean {
  return now < (readingOf(unit, model)?.lowUntil ?? 0);
}

/** Of a model nobody has asked for, what was said where none was named. */
function readingOf({ readings }: Unit, model: string | undefined): Reading | undefined {
  return readings.size === 0 ? undefined : (readings.get(model) ?? readings.get(allModels));
}

/** The models for which it stands otherwise now than for the rest. */
export function modelsApart(unit: Unit, now: number, policy: CooldownPolicy): readonly string[] {
  const apart: string[] = [];
  for (const [model, slot] of unit.slots) if (model !== undefined && barringWindow(slot, now, policy)) apart.push(model);
  const isLowForAll = isLow(unit, allModels, now);
  for (const model of unit.readings.keys()) if (model !== undefined && isLow(unit, model, now) !== isLowForAll) apart.push(model);
  return apart;
}

/** When it stands otherwise for `model`, or for all of them, because time has passed; `Infinity` where it will not. */
export function nextChange(unit: Unit, model: string | undefined, now: number, policy: CooldownPolicy): number {
  const { window, probe, probedAt = 0 } = unit.slots.get(model) ?? {};
  const ends = [window?.until ?? 0, window && probe ? probedAt + policy.probeMs : 0, unit.readings.get(model)?.lowUntil ?? 0];
  return Math.min(...ends.map((end) => (end > now ? end : Infinity)));
}

/** The clock was set back. Everything ends when it would have, had it been right. */
export function setBack(unit: Unit, byMs: number): void {
  for (const [model, at] of unit.wakeAt) unit.wakeAt.set(model, at - byMs);
  for (const slot of unit.slots.values()) {
    slot.probedAt -= byMs;
    if (slot.window) slot.window = { ...slot.window, until: slot.window.until - byMs };
  }
  for (const [model, { headroom, lowUntil, sequence }] of unit.readings) {
    const shifted = headroom.map((each) => ({ ...each, resetAt: (each.resetAt ?? 0) - byMs }));
    unit.readings.set(model, { sequence, headroom: shifted, lowUntil: lowUntil - byMs });
  }
}

/** The part of its limits that is left, 1 where nobody knows. What is stale says nothing. */
export function headroomOf(unit: Unit, model: string | undefined, window: string | undefined, now: number): number {
  const reading = readingOf(unit, model);
  if (reading === undefined) return 1;
  let least = 1;
  for (const { window: name, left, resetAt = 0 } of reading.headroom) {
    if (now < resetAt && left < least && (window === undefined || window === name)) least = left;
  }
  return least;
}

/** A limit nobody gave an end for is believed so long. */
const UNDATED_MS = 60_000;

/**
 * Takes down what an answer said is left. Answers of earlier attempts that come in late say nothing. Returns the models for
 * which it may stand otherwise now.
 */
export function read(
  unit: Unit,
  model: string | undefined,
  answer: { readonly sequence: number; readonly headroom: readonly Headroom[] },
  now: number,
  policy: CooldownPolicy,
): readonly (string | undefined)[] {
  const { sequence } = answer;
  const known = unit.readings.get(model);
  if (known && sequence < known.sequence) return [];
  const headroom = answer.headroom.map((each) => ({ ...each, resetAt: each.resetAt ?? now + UNDATED_MS }));
  const low = headroom.filter(({ left, remaining }) => left <= policy.lowHeadroom || remaining === 0).map(({ resetAt }) => resetAt);
  // Longer than a provider's hint nothing is believed: another request finds out.
  const lowUntil = Math.min(Math.max(0, ...low), now + policy.hintMaxMs);
  const touched = lowUntil > now || isLow(unit, model, now) ? [model] : [];
  // The latest stands last. With one model it does anyway, and a map that is not deleted from leaves no tables behind.
  if (unit.readings.size > 1) unit.readings.delete(model);
  unit.readings.set(model, { sequence, headroom, lowUntil });
  if (unit.readings.size <= MOST_MODELS) return touched;
  const [oldest] = unit.readings.keys();
  unit.readings.delete(oldest);
  return [...touched, oldest];
}
