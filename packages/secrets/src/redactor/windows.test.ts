import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createWindows, findWindows, firstOpen, mayOpen, STRETCH } from "./windows.ts";

const word = (least: number) => fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: least, maxLength: 12 });
const windowsFor = (texts: readonly string[]) => createWindows(texts.map((text) => ({ bytes: Buffer.from(text), isWord: false })));

function startsOf(windows: NonNullable<ReturnType<typeof windowsFor>>, bytes: Buffer, from: number): readonly number[] {
  const count = findWindows(windows, bytes, from, Math.min(from + STRETCH, bytes.length));
  return [...windows.found.subarray(0, count)].map((end) => end - windows.length + 1).filter((start) => mayOpen(windows, bytes, start));
}

test("no beginning of a pattern is skipped, in short texts and in long ones", () => {
  const texts = fc.array(fc.oneof(word(0), fc.constant("x".repeat(700))), { maxLength: 14 }).map((parts) => parts.join("."));
  fc.assert(
    fc.property(fc.array(word(3), { minLength: 1, maxLength: 5 }), texts, fc.nat(20), (patterns, text, from) => {
      const windows = windowsFor(patterns);
      if (!windows) throw new Error("every pattern is long enough");
      const found = startsOf(windows, Buffer.from(text), from);
      for (const pattern of patterns) {
        for (let at = text.indexOf(pattern, from); at !== -1 && at < from + STRETCH - 12; at = text.indexOf(pattern, at + 1)) {
          expect(found).toContain(at);
        }
      }
      expect(found).toEqual(found.toSorted((one, other) => one - other));
    }),
    { numRuns: 500 },
  );
});

test("no pattern that has begun before the end is given up", () => {
  fc.assert(
    fc.property(fc.array(word(3), { minLength: 1, maxLength: 5 }), word(0), fc.nat(11), (patterns, before, shown) => {
      const windows = windowsFor(patterns);
      if (!windows) throw new Error("every pattern is long enough");
      for (const pattern of patterns) {
        const begun = pattern.slice(0, Math.min(shown, windows.length - 1));
        const bytes = Buffer.from(`${before}${begun}`);
        expect(firstOpen(windows, bytes, 0, bytes.length)).toBeLessThanOrEqual(before.length);
      }
    }),
    { numRuns: 500 },
  );
});

test("every byte of a stretch may be the end of a window", () => {
  const windows = windowsFor(["aaaaaaaa"]);
  if (!windows) throw new Error("the pattern is long enough");
  const bytes = Buffer.alloc(STRETCH, "a");
  expect(findWindows(windows, bytes, 0, bytes.length)).toBe(STRETCH - 7);
});

test("there are none where a pattern is shorter than what is looked at together", () => {
  expect(windowsFor(["test-key-one", "ab"])).toBeUndefined();
});
