import { describe, expect, test } from "vitest";
import { expiryHint, parseExpiry } from "./expiry.ts";

describe("A1: what a stored expires means", () => {
  test.each([
    ["absent", undefined, undefined],
    ["milliseconds", 1_800_000_000_000, 1_800_000_000_000],
    ["a fraction", 1.5, 1.5],
    ["the last date there is", 8_640_000_000_000_000, 8_640_000_000_000_000],
    ["one beyond it", 8_640_000_000_000_001, "invalid"],
    ["zero", 0, "invalid"],
    ["negative", -1, "invalid"],
    ["not a number", Number.NaN, "invalid"],
    ["infinite, as 1e400 is read", Number.POSITIVE_INFINITY, "invalid"],
    ["numeric text", "1800000000000", "invalid"],
    ["null", null, "invalid"],
    ["true", true, "invalid"],
  ])("%s", (_name, stored, expected) => {
    expect(parseExpiry(stored)).toBe(expected);
  });
});

test("A1: a value in seconds gets the advice to multiply it", () => {
  expect(expiryHint(1_800_000_000)).toContain("seconds");
  expect(expiryHint(99_999_999_999)).toContain("seconds");
  expect(expiryHint(100_000_000_000)).toBeUndefined();
  expect(expiryHint("invalid")).toContain("milliseconds");
  expect(expiryHint(undefined)).toBeUndefined();
});
