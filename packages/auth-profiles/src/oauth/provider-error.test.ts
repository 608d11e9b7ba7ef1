import { expect, test } from "vitest";
import { showableErrorCode, showableText } from "./provider-error.ts";

test.each(["invalid_grant", "access_denied", "slow_down", "x"])("the code %s is shown", (code) => {
  expect(showableErrorCode(code)).toBe(code);
});

test.each(["", "test-key-one", "rt_0123", "Invalid_Grant", "invalid grant", "a__b", "_a", "a\n", "x".repeat(51), "\u001B[2J"])(
  "%j could be more than a code and is not shown",
  (code) => {
    expect(showableErrorCode(code)).toBe("an error it did not name");
  },
);

test.each([
  ["no", "no"],
  [" a\r\n\tb ", "a b"],
  ["a\u001B[31mb", "a [31mb"],
  ["a\u202Eb\u2028c\u0000d", "a b c d"],
  ["x".repeat(201), `${"x".repeat(200)}...`],
  ["\u0000", undefined],
  ["", undefined],
  [5, undefined],
  [null, undefined],
])("the text %j is shown as %j", (value, shown) => {
  expect(showableText(value)).toBe(shown);
});
