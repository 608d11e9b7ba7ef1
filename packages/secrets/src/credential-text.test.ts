import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCredentialText } from "./credential-text.ts";

describe("what was pasted becomes a key", () => {
  test.each([
    ["as it is", "test-key-one", "test-key-one"],
    ["of one character", "x", "x"],
    ["without spaces around it", "  test-key-one \t", "test-key-one"],
    ["without the line break at its end", "test-key-one\r\n", "test-key-one"],
    ["when the terminal wrapped it", "test-\nkey-\r\none", "test-key-one"],
    ["without Unicode line breaks", "test-\u2028key\u2029-one", "test-key-one"],
    ["without a byte order mark", "\uFEFFtest-key-one", "test-key-one"],
    ["without invisible and typographic characters", "test\u200B-key\u2026-one\u{1F511}", "test-key-one"],
    ["trimmed after those are gone", " \u200B test-key-one \u200B ", "test-key-one"],
    ["with its quotes, which may belong to it", '"test-key-one"', '"test-key-one"'],
    ["with Latin-1 letters", "schlüssel-ÿ", "schlüssel-ÿ"],
    ["with a space inside", "test key", "test key"],
  ])("%s", (_, text, expected) => {
    expect(readCredentialText(text)?.reveal()).toBe(expected);
  });
});

describe("T19: nothing usable is no key", () => {
  test.each([
    ["absent", undefined],
    ["empty", ""],
    ["blank", " \t\r\n "],
    ["only characters beyond Latin-1", "\u2026\u200B\u{1F511}"],
    ["a NUL inside", "test\0key"],
    ["a tab inside", "test\tkey"],
    ["codes of a bracketed paste", "\u001B[200~test-key-one\u001B[201~"],
    ["a DEL inside", "test\u007Fkey"],
  ])("%s", (_, text) => {
    expect(readCredentialText(text)).toBeUndefined();
  });
});

test("a key can always be sent in a header, whatever was pasted", () => {
  const isSendable = (text: string) => {
    const value = readCredentialText(text)?.reveal();
    return value === undefined || new Headers({ "x-api-key": value }).get("x-api-key") === value;
  };
  const anything = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0, max: 0x10ffff })), { maxLength: 30 });
  const pasted = anything.map((codes) => String.fromCodePoint(...codes));
  expect(() => fc.assert(fc.property(pasted, isSendable))).not.toThrow();
});
