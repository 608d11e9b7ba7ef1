import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeRecords } from "./merge-records.ts";
import { frozenRecord } from "./parse-records.ts";
import type { HealthRecords, WindowRecord } from "./record.ts";
import { isSameRecords } from "./same-records.ts";

type Kept = WindowRecord | undefined;

const limited = (until: number, count = 1): WindowRecord => ({ until, reason: "rate_limit", count });
const unpaid = (until: number, count = 1): WindowRecord => ({ until, reason: "billing", count });

function keeping(window: Kept): HealthRecords {
  return { credentials: new Map([["p:a", { windows: window ? { m: window } : {} }]]), lastGood: {} };
}

const merged = (base: Kept, ours: Kept, theirs: Kept) =>
  mergeRecords(keeping(base), keeping(ours), keeping(theirs)).credentials.get("p:a")?.windows["m"];

describe("one window, of which two know the same and each what it did", () => {
  test.each<[string, Kept, Kept, Kept, Kept]>([
    ["nobody did anything", limited(5), limited(5), limited(5), limited(5)],
    ["it was set by one", undefined, limited(5), undefined, limited(5)],
    ["it was removed by one", limited(5), undefined, limited(5), undefined],
    ["it was made longer by one", limited(5), limited(9, 2), limited(5), limited(9, 2)],
    ["it was made shorter by one", limited(9), limited(5), limited(9), limited(5)],
    ["both removed it", limited(5), undefined, undefined, undefined],
    ["both did the same", limited(5), limited(9, 2), limited(9, 2), limited(9, 2)],
    ["A7: both saw a first failure: it counts once, and the later end holds", undefined, limited(5), limited(6), limited(6)],
    ["A7: both probed and failed: the second window, once", limited(5, 1), limited(8, 2), limited(9, 2), limited(9, 2)],
    ["the later end and the higher count are of different sides", limited(1), limited(9, 2), limited(5, 3), limited(9, 3)],
    ["of two reasons the one that ends later, with its own count", limited(1), limited(9, 3), unpaid(20), unpaid(20)],
    ["of two reasons with one end the one with the higher count", limited(1), limited(9), unpaid(9, 3), unpaid(9, 3)],
    ["one removed it, and it failed again for the other", limited(5), undefined, limited(9, 2), limited(9, 2)],
    ["one removed it, and for the other it failed for a shorter time, anew", limited(50, 3), undefined, limited(9, 1), limited(9, 1)],
    ["one removed it, and for the other it failed for another reason", limited(50), undefined, unpaid(9), unpaid(9)],
    ["one removed it, and the other has but bounded its end", limited(50, 3), undefined, limited(9, 3), undefined],
  ])("%s", (_name, base, ours, theirs, expected) => {
    expect(merged(base, ours, theirs)).toEqual(expected);
    expect(merged(base, theirs, ours)).toEqual(expected);
  });
});

test("windows are merged one by one, per model and per credential", () => {
  const of = (credentials: Readonly<Record<string, Record<string, WindowRecord>>>): HealthRecords => ({
    credentials: new Map(Object.entries(credentials).map(([id, windows]) => [id, { windows }])),
    lastGood: {},
  });
  const base = of({ a: { m: limited(5), n: limited(5) } });
  const ours = of({ a: { n: limited(5), "*": unpaid(7) } });
  const theirs = of({ a: { m: limited(5), n: limited(9, 2) }, b: { m: limited(3) } });
  expect(mergeRecords(base, ours, theirs)).toEqual(of({ a: { n: limited(9, 2), "*": unpaid(7) }, b: { m: limited(3) } }));
});

test.each([
  [undefined, undefined, undefined],
  [4, undefined, 4],
  [undefined, 7, 7],
  [4, 7, 7],
])("used at %s here and at %s there is used at %s", (ours, theirs, expected) => {
  const of = (lastUsed: number | undefined): HealthRecords => ({
    credentials: new Map([["a", { ...(lastUsed !== undefined && { lastUsed }), windows: {} }]]),
    lastGood: {},
  });
  expect(mergeRecords(of(9), of(ours), of(theirs)).credentials.get("a")?.lastUsed).toBe(expected);
});

test("a time of use that a clock ahead of its time wrote gives way to the next use", () => {
  const of = (lastUsed: number): HealthRecords => ({ credentials: new Map([["a", { lastUsed, windows: {} }]]), lastGood: {} });
  expect(mergeRecords(of(900), of(5), of(900)).credentials.get("a")?.lastUsed).toBe(5);
  expect(mergeRecords(of(900), of(900), of(5)).credentials.get("a")?.lastUsed).toBe(5);
});

test("who was good last: what one changed holds, and ours where both did", () => {
  const of = (lastGood: Readonly<Record<string, string>>): HealthRecords => ({ credentials: new Map(), lastGood });
  const base = of({ p: "a", q: "a", r: "a", s: "a" });
  const ours = of({ p: "b", q: "a", r: "b", s: "a" });
  const theirs = of({ p: "a", q: "c", r: "c", t: "c" });
  expect(mergeRecords(base, ours, theirs).lastGood).toEqual({ p: "b", q: "c", r: "b", t: "c" });
});

test("names that objects inherit are names like any other", () => {
  const of = (until: number): HealthRecords => ({
    credentials: new Map([["__proto__", { windows: frozenRecord([["__proto__", limited(until)]]) }]]),
    lastGood: frozenRecord([["constructor", "__proto__"]]),
  });
  const none: HealthRecords = { credentials: new Map(), lastGood: {} };
  const result = mergeRecords(none, of(5), of(9));
  expect(Object.entries(result.credentials.get("__proto__")?.windows ?? {})).toEqual([["__proto__", limited(9)]]);
  expect(mergeRecords(none, none, of(9)).lastGood["constructor"]).toBe("__proto__");
  expect(mergeRecords(none, none, none).lastGood["constructor"]).toBeUndefined();
});

const window = fc.record({
  until: fc.integer({ min: 1, max: 6 }),
  reason: fc.constantFrom("rate_limit", "billing", "auth_permanent"),
  count: fc.integer({ min: 1, max: 3 }),
});
const model = fc.constantFrom("*", "m", "__proto__");
const credential = fc.record({ lastUsed: fc.integer({ min: 1, max: 9 }), windows: fc.array(fc.tuple(model, window)).map(frozenRecord) });
const records: fc.Arbitrary<HealthRecords> = fc.record({
  credentials: fc.array(fc.tuple(fc.constantFrom("a", "b"), credential)).map((entries) => new Map(entries)),
  lastGood: fc.array(fc.tuple(fc.constantFrom("p", "q"), fc.constantFrom("a", "b"))).map(frozenRecord),
});
const withoutLastGood = (all: HealthRecords): HealthRecords => ({ ...all, lastGood: {} });

describe("whatever two writers did", () => {
  test("what both agree on is what comes out, and merging it once more changes nothing", () => {
    fc.assert(
      fc.property(records, records, records, (base, ours, theirs) => {
        expect(isSameRecords(mergeRecords(base, ours, ours), ours)).toBe(true);
        const both = mergeRecords(base, ours, theirs);
        expect(isSameRecords(mergeRecords(both, both, both), both)).toBe(true);
        expect(isSameRecords(mergeRecords(theirs, both, theirs), both)).toBe(true);
      }),
    );
  });

  test("it does not matter who writes first", () => {
    fc.assert(
      fc.property(records, records, records, (base, one, other) => {
        const oneFirst = mergeRecords(base, other, mergeRecords(base, one, base));
        const otherFirst = mergeRecords(base, one, mergeRecords(base, other, base));
        // Both found that another was good last: the one who writes last says which.
        expect(isSameRecords(withoutLastGood(oneFirst), withoutLastGood(otherFirst))).toBe(true);
      }),
    );
  });

  test("nothing is invented, and no later failure is lost", () => {
    fc.assert(
      fc.property(records, records, records, (base, ours, theirs) => {
        const places = ["a", "b"].flatMap((id) => ["*", "m", "__proto__"].map((name) => [id, name] as const));
        const wrong = places.filter(([id, name]) => {
          const [before, ...sides] = [base, ours, theirs].map((all) => windowOf(all, id, name));
          const there = sides.filter((side) => side !== undefined);
          const found = windowOf(mergeRecords(base, ours, theirs), id, name);
          const isInvented =
            found !== undefined &&
            !(
              there.some(({ until }) => until === found.until) &&
              there.some(({ reason, count }) => reason === found.reason && count === found.count)
            );
          const latest = Math.max(...there.map(({ until }) => until));
          return isInvented || (latest > (before?.until ?? 0) && found?.until !== latest);
        });
        expect(wrong).toEqual([]);
      }),
    );
  });
});

function windowOf({ credentials }: HealthRecords, id: string, name: string): Kept {
  const windows = credentials.get(id)?.windows ?? {};
  return Object.hasOwn(windows, name) ? windows[name] : undefined;
}
