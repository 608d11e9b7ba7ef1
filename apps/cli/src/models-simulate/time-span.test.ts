import { expect, test } from "vitest";
import { parseTimeSpan } from "./time-span.ts";

test.each([
  ["10m", 600_000],
  ["10min", 600_000],
  ["10 min", 600_000],
  ["1h 30m", 5_400_000],
  ["1h30min", 5_400_000],
  ["2 hours", 7_200_000],
  ["90SEC", 90_000],
  ["500ms", 500],
])("%s is %d ms", (text, ms) => {
  expect(parseTimeSpan(text, "--for")).toBe(ms);
});

test.each([
  ["10", "--for 10 has no unit: 10m?"],
  ["1.5", "--for 1.5 has no unit: 1.5m?"],
  ["", "--for is empty: a length of time is expected."],
  ["soon", '--for "soon" is no length of time.'],
  ["1h30", '--for "1h30" is no length of time.'],
  ["10 m in", '--for "10 m in" is no length of time.'],
])("%j is none, and the error names the flag and what is expected", (text, message) => {
  expect(() => parseTimeSpan(text, "--for")).toThrow(expect.objectContaining({ message, hint: "for example 10m, 90s or 1h30m" }));
});
