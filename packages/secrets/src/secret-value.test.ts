import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SecretsError } from "./errors.ts";
import { readSecretValue } from "./secret-value.ts";

const NAME = "file:vault:/key";

function errorOf(text: string): SecretsError | undefined {
  try {
    readSecretValue(text, NAME);
    return undefined;
  } catch (error) {
    if (error instanceof SecretsError) return error;
    throw error;
  }
}

describe("a value that can be used", () => {
  test.each([
    ["as it is", "test-key-one", "test-key-one"],
    ["of one character", "x", "x"],
    ["without the line break at its end", "test-key-one\n", "test-key-one"],
    ["without a Windows line break at its end", "test-key-one\r\n", "test-key-one"],
    ["without a byte order mark", "\uFEFFtest-key-one\n", "test-key-one"],
    ["with spaces around and inside", " test key ", " test key "],
    ["with quotes, dollars and backslashes", `"'$\\{}`, `"'$\\{}`],
    ["with Latin-1 letters", "schlüssel-ÿ", "schlüssel-ÿ"],
    ["of exactly 64 KiB", "x".repeat(65_536), "x".repeat(65_536)],
    ["with two asterisks", "a**b", "a**b"],
    ["with op:// inside", "x-op://a", "x-op://a"],
    ["with $NAME", "$NAME", "$NAME"],
  ])("%s", (_, text, expected) => {
    expect(readSecretValue(text, NAME).reveal()).toBe(expected);
  });
});

describe("T19: a value that is refused by name", () => {
  test.each([
    ["empty", "", "is empty"],
    ["a line break alone", "\n", "is empty"],
    ["spaces", "  ", "is empty"],
    ["a byte order mark alone", "\uFEFF", "is empty"],
    ["64 KiB and a byte", `test-canary${"x".repeat(65_526)}`, "is larger than 64 KiB"],
    ["64 KiB counted in bytes, not letters", "ü".repeat(32_769), "is larger than 64 KiB"],
    ["[redacted]", "test-canary [redacted]", "is the mask of a secret, not a secret"],
    ["[REDACTED]", "[REDACTED]", "is the mask of a secret, not a secret"],
    ["the mark of OpenClaw", "__OPENCLAW_REDACTED__", "is the mask of a secret, not a secret"],
    ["asterisks", "***", "is the mask of a secret, not a secret"],
    ["a key with its middle masked", "test-canary…7xyz", "is the mask of a secret, not a secret"],
    ["${NAME}", "${TEST_CANARY}", "is itself a placeholder that nothing has filled in"],
    ["text around ${NAME}", "test-canary-${NAME}", "is itself a placeholder that nothing has filled in"],
    ["op://", "op://test-canary/item/field", "is itself a placeholder that nothing has filled in"],
    ["two line breaks at the end", "test-canary\n\n", "holds a line break or another control character"],
    ["several lines", "test-canary\nsecond", "holds a line break or another control character"],
    ["a carriage return", "test-canary\rsecond", "holds a line break or another control character"],
    ["a NUL", "test-canary\0", "holds a line break or another control character"],
    ["a tab", "test\tcanary", "holds a line break or another control character"],
    ["DEL", "test-canary\u007F", "holds a line break or another control character"],
    ["a C1 control", "test-canary\u009B31m", "holds a line break or another control character"],
    ["an invisible character", "test-canary\u200B", "holds a character beyond Latin-1, which no header can carry"],
    ["half a surrogate pair", "test-canary\uD800", "holds a character beyond Latin-1, which no header can carry"],
    ["a second byte order mark", "\uFEFF\uFEFFtest-canary", "holds a character beyond Latin-1, which no header can carry"],
  ])("%s", (_, text, rule) => {
    const error = errorOf(text);
    expect(error).toMatchObject({ code: "value-refused", message: `${NAME}: the value ${rule}` });
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toMatch(/test.canary/iu);
  });
});

test("whatever is accepted can be sent in a header, and came with at most one line break more", () => {
  const anything = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0, max: 0x10ffff })), { maxLength: 30 });
  const isSound = (text: string) => {
    if (errorOf(text)) return true;
    const value = readSecretValue(text, NAME).reveal();
    const sent = new Headers({ "x-api-key": value }).get("x-api-key");
    return sent === value.replaceAll(/^ +| +$/g, "") && [value, `${value}\n`, `${value}\r\n`].includes(text.replace(/^\uFEFF/u, ""));
  };
  expect(() => fc.assert(fc.property(anything, (codes) => isSound(String.fromCodePoint(...codes))))).not.toThrow();
});
