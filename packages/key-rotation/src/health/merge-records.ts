import { frozenRecord } from "./parse-records.ts";
import type { CredentialRecord, HealthRecords, WindowRecord } from "./record.ts";
import { isSameWindow } from "./same-records.ts";

/**
 * Brings together what two changed since they both knew `base`, window by window. What one side left alone is as the
 * other has it. Where both set a window the later end holds, with the higher count: two that saw a first failure at once saw
 * one failure, and count once. A window that one removed and the other set anew stays; merely removed, it is gone.
 * A time of use is what the one who changed it says, of two that did the later; of two changed `lastGood`, ours.
 */
export function mergeRecords(base: HealthRecords, ours: HealthRecords, theirs: HealthRecords): HealthRecords {
  const credentials = new Map<string, CredentialRecord>();
  for (const id of new Set([...theirs.credentials.keys(), ...ours.credentials.keys()])) {
    credentials.set(id, mergeCredential(base.credentials.get(id), ours.credentials.get(id), theirs.credentials.get(id)));
  }
  const lastGood = mergeEach(base.lastGood, ours.lastGood, theirs.lastGood, (before, our, their) => (our === before ? their : our));
  return Object.freeze({ credentials, lastGood });
}

/** The same windows with the times of use that another knows. A credential of which that leaves nothing is left out, unless the other has it. */
export function withUseOf({ credentials, lastGood }: HealthRecords, other: HealthRecords): HealthRecords {
  const kept = [...credentials].flatMap(([id, { windows }]) => {
    const known = other.credentials.get(id);
    if (!known && Object.keys(windows).length === 0) return [];
    const { lastUsed } = known ?? {};
    return [[id, Object.freeze({ ...(lastUsed !== undefined && { lastUsed }), windows })] as const];
  });
  return Object.freeze({ credentials: new Map(kept), lastGood });
}

type Kept<T> = T | undefined;

function mergeCredential(base: Kept<CredentialRecord>, ours: Kept<CredentialRecord>, theirs: Kept<CredentialRecord>): CredentialRecord {
  const lastUsed = mergeUse(base?.lastUsed, ours?.lastUsed, theirs?.lastUsed);
  const windows = mergeEach(base?.windows, ours?.windows, theirs?.windows, mergeWindow);
  return Object.freeze({ ...(lastUsed !== undefined && { lastUsed }), windows });
}

/** The later of two would keep for ever what a clock that was ahead has written. */
function mergeUse(base: Kept<number>, ours: Kept<number>, theirs: Kept<number>): Kept<number> {
  if (ours === undefined || ours === base) return theirs ?? ours;
  if (theirs === undefined || theirs === base) return ours;
  return Math.max(ours, theirs);
}

type ByName<V> = Readonly<Record<string, V>>;

function mergeEach<V>(
  base: Kept<ByName<V>>,
  ours: Kept<ByName<V>>,
  theirs: Kept<ByName<V>>,
  merge: (base: Kept<V>, ours: Kept<V>, theirs: Kept<V>) => Kept<V>,
): ByName<V> {
  const [before, our, their] = [base, ours, theirs].map((record) => new Map(Object.entries(record ?? {})));
  const merged = [...new Set([...(their?.keys() ?? []), ...(our?.keys() ?? [])])].flatMap((name) => {
    const value = merge(before?.get(name), our?.get(name), their?.get(name));
    return value === undefined ? [] : [[name, value] as const];
  });
  return frozenRecord(merged);
}

function mergeWindow(base: Kept<WindowRecord>, ours: Kept<WindowRecord>, theirs: Kept<WindowRecord>): Kept<WindowRecord> {
  if (isSameWindow(base, ours)) return theirs;
  if (isSameWindow(base, theirs)) return ours;
  if (ours !== undefined && theirs !== undefined) return later(ours, theirs);
  const left = ours ?? theirs;
  return left === undefined || isShortened(left, base) ? undefined : left;
}

/** The end of a window was moved forward and nothing else, as for one that is longer than any may be: nothing failed anew. */
function isShortened(window: WindowRecord, base: Kept<WindowRecord>): boolean {
  return base !== undefined && window.reason === base.reason && window.count === base.count && window.until <= base.until;
}

/** A count is of windows for one reason: the other's says nothing where the reasons differ. */
function later(left: WindowRecord, right: WindowRecord): WindowRecord {
  if (left.reason === right.reason) {
    return Object.freeze({ until: Math.max(left.until, right.until), reason: left.reason, count: Math.max(left.count, right.count) });
  }
  const difference = left.until - right.until || left.count - right.count || (left.reason > right.reason ? 1 : -1);
  return difference > 0 ? left : right;
}
