import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

test.each([
  ["365d", 31_536_000_000],
  ["365", 31_536_000_000],
  ["0d", 0],
  ["1.5h", 5_400_000],
  ["1h30m", 5_400_000],
  ["2d12h30m1s5ms", 217_801_005],
  ["90s", 90_000],
  ["1m", 60_000],
  ["1ms", 1],
  ["0.4ms", 0],
  [" 7d ", 604_800_000],
])("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", " ", "d", "1w", "-1d", "+1d", "1y", "1d 2h", "1h30", "1.d", ".5d", "1e3d", "1D", "0x10", "NaN", "9".repeat(400)])(
  "%j is none, and the error says so",
  (text) => {
    expect(() => parseDuration(text)).toThrow(`invalid duration: ${text}`);
  },
);

test("reads whatever the grammar allows, and nothing else", () => {
  const part = fc.record({ amount: fc.nat({ max: 9999 }), unit: fc.constantFrom("ms", "s", "m", "h", "d") });
  const factor = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      const text = parts.map(({ amount, unit }) => `${amount}${unit}`).join("");
      expect(parseDuration(text)).toBe(parts.reduce((sum, { amount, unit }) => sum + amount * factor[unit], 0));
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d)?|(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)$/u.test(text.trim()));
      expect(() => parseDuration(text)).toThrow(/^invalid duration/u);
    }),
  );
});
