import type { Candidate } from "@openclaw/secrets";
import { areSameBits, createBits, firstBit, hasBit, writeBit, type Bits } from "./bits.ts";
import type { Unit } from "./unit.ts";

/** A credential in a list, with what it is judged by. */
export interface Entry {
  readonly candidate: Candidate;
  readonly credential: Unit;
  /** The quota it shares with others. */
  readonly bucket: Unit | undefined;
}

/** What the windows of a credential are looked for in. */
export function unitsOf({ credential, bucket }: Pick<Entry, "credential" | "bucket">): readonly Unit[] {
  return bucket === undefined ? [credential] : [credential, bucket];
}

/** Credentials side by side that the same people pay for: from `from` on and below `to`. */
export interface Tier {
  readonly from: number;
  readonly to: number;
}

/** Which credentials of a list may be tried, by index. */
interface Readiness {
  readonly ready: Bits;
  /** Of these, the ones of which their provider did not say that next to nothing is left. */
  readonly fresh: Bits;
}

/** How the credential at an index stands for a model; for none in particular without one. */
interface Standing {
  readonly isReady: boolean;
  readonly isFresh: boolean;
}

/** The credentials of a plan, and which of them may be tried: kept up to date as they cool and recover, never filtered for a request. */
export interface ReadyList {
  readonly entries: readonly Entry[];
  readonly tiers: readonly Tier[];
  /** Where the latest attempt went. */
  lastIndex: number;
  for(model: string | undefined): Readiness;
  /** Looks again at one credential, for one model; without one for all of them. */
  refresh(index: number, model: string | undefined): void;
  indexOf(unit: Unit | undefined): number;
}

/** What a list asks of its entries. */
export interface ListJudge {
  standingOf(entry: Entry, model: string | undefined): Standing;
  /** The models for which it stands otherwise than for the rest. */
  modelsApart(entry: Entry): readonly string[];
}

/** A list of entries, each different. */
export function createReadyList(entries: readonly Entry[], { standingOf, modelsApart }: ListJudge): ReadyList {
  const base: Readiness = { ready: createBits(entries.length), fresh: createBits(entries.length) };
  /** Models for which a credential stands otherwise than for the rest. */
  const models = new Map<string, Readiness>();
  let indexes: ReadonlyMap<Unit, number> | undefined;

  function refreshModel(index: number, entry: Entry, model: string): void {
    const standing = standingOf(entry, model);
    const known = models.get(model);
    if (!known && standsAt(base, index, standing)) return;
    const own = known ?? { ready: base.ready.slice(), fresh: base.fresh.slice() };
    write(own, index, standing);
    if (areSameBits(own.ready, base.ready) && areSameBits(own.fresh, base.fresh)) models.delete(model);
    else models.set(model, own);
  }

  function refresh(index: number, model: string | undefined): void {
    const entry = entries[index];
    if (!entry) return;
    if (model !== undefined) return refreshModel(index, entry, model);
    write(base, index, standingOf(entry, undefined));
    // What bars a model shows again where what barred all of them has ended.
    for (const each of new Set([...models.keys(), ...modelsApart(entry)])) refreshModel(index, entry, each);
  }

  for (const [index, entry] of entries.entries()) write(base, index, standingOf(entry, undefined));
  for (const [index, entry] of entries.entries()) for (const model of modelsApart(entry)) refreshModel(index, entry, model);

  return {
    entries,
    tiers: tiersOf(entries),
    lastIndex: latestIndex(entries),
    for: (model) => (model === undefined ? base : (models.get(model) ?? base)),
    refresh,
    indexOf(unit) {
      indexes ??= new Map(entries.map(({ credential }, index) => [credential, index]));
      return unit === undefined ? -1 : (indexes.get(unit) ?? -1);
    },
  };
}

/** Whether any credential of a list may be tried. */
export function hasReady(list: ReadyList, model: string | undefined): boolean {
  return firstBit(list.for(model).ready, 0, list.entries.length) >= 0;
}

function write({ ready, fresh }: Readiness, index: number, { isReady, isFresh }: Standing): void {
  writeBit(ready, index, isReady);
  writeBit(fresh, index, isReady && isFresh);
}

function standsAt({ ready, fresh }: Readiness, index: number, { isReady, isFresh }: Standing): boolean {
  return hasBit(ready, index) === isReady && hasBit(fresh, index) === (isReady && isFresh);
}

function tiersOf(entries: readonly Entry[]): readonly Tier[] {
  const starts = entries.flatMap(({ candidate }, index) => (candidate.billing === entries[index - 1]?.candidate.billing ? [] : [index]));
  return starts.map((from, at) => ({ from, to: starts[at + 1] ?? entries.length }));
}

/** Where the latest attempt of all went, by what is remembered of the credentials; -1 where nothing is. */
function latestIndex(entries: readonly Entry[]): number {
  let latest = -1;
  for (const [index, { credential }] of entries.entries()) {
    const best = entries[latest]?.credential;
    const bySequence = credential.lastSequence - (best?.lastSequence ?? 0);
    const byTime = (credential.lastUsed ?? 0) - (best?.lastUsed ?? 0);
    if (bySequence > 0 || (bySequence === 0 && byTime > 0)) latest = index;
  }
  return latest;
}
