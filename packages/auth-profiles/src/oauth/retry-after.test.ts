import { expect, test } from "vitest";
import { readRetryAfter } from "./retry-after.ts";

const now = Date.UTC(2026, 0, 1);

test.each([
  ["7", 7000],
  [" 7 ", 7000],
  ["0", 1000],
  ["99999999", 3_600_000],
  [new Date(now + 90_000).toUTCString(), 90_000],
  [new Date(now - 90_000).toUTCString(), 1000],
  [new Date(now + 1e9).toUTCString(), 3_600_000],
])("%j is %i ms from now", (value, waitMs) => {
  expect(readRetryAfter(value, now)).toBe(now + waitMs);
});

test.each([undefined, "", "-5", "1.5", "soon", "0x10", "1e3", "99999999999"])("%j says nothing", (value) => {
  expect(readRetryAfter(value, now)).toBeUndefined();
});
