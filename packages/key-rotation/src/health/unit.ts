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
  /** The latest attempt it was given. */
  lastSequence: number;
  /** Epoch milliseconds. */
  lastUsed: number | undefined;
  /** What began no later than this attempt says nothing any more: it was cleared since, or replaced. */
  clearedAt: number;
  /** The lists it is in. A list goes with its candidates. */
  places: { readonly list: WeakRef<ReadyList>; readonly index: number }[];
}

export function createUnit(id: string, store: string | undefined): Unit {
  return {
    id,
    store,
    hash: hashText(unitKey(id, store)),
    slots: new Map(),
    readings: new Map(),
    inFlight: 0,
    lastSequence: 0,
    lastUsed: undefined,
    clearedAt: 0,
    places: [],
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

/** The slots a request for `model` has to heed. */
export function slotsOf(unit: Unit, model: string | undefined): readonly Slot[] {
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
  return now < (unit.readings.get(model)?.lowUntil ?? 0);
}

/** The part of its limits that is left, 1 where nobody knows. What is stale says nothing. */
export function headroomOf(unit: Unit, model: string | undefined, window: string | undefined, now: number): number {
  const reading = unit.readings.get(model);
  if (reading === undefined) return 1;
  let least = 1;
  for (const { window: name, left, resetAt = 0 } of reading.headroom) {
    if (now < resetAt && left < least && (window === undefined || window === name)) least = left;
  }
  return least;
}

/** A limit nobody gave an end for is believed so long. */
const UNDATED_MS = 60_000;

/** Takes down what an answer said is left. Answers of earlier attempts that come in late say nothing. Returns until when it is low. */
export function read(
  unit: Unit,
  model: string | undefined,
  answer: { readonly sequence: number; readonly headroom: readonly Headroom[] },
  now: number,
  policy: CooldownPolicy,
): number {
  const { sequence } = answer;
  const known = unit.readings.get(model);
  if (known && sequence < known.sequence) return known.lowUntil;
  const headroom = answer.headroom.map((each) => ({ ...each, resetAt: each.resetAt ?? now + UNDATED_MS }));
  const low = headroom.filter(({ left, remaining }) => left <= policy.lowHeadroom || remaining === 0).map(({ resetAt }) => resetAt);
  // Longer than a provider's hint nothing is believed: another request finds out.
  const lowUntil = Math.min(Math.max(0, ...low), now + policy.hintMaxMs);
  unit.readings.delete(model);
  unit.readings.set(model, { sequence, headroom, lowUntil });
  const [oldest] = unit.readings.keys();
  if (unit.readings.size > MOST_MODELS) unit.readings.delete(oldest);
  return lowUntil;
}
