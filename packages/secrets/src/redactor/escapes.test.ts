import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAlphabet, createEscapeFinder, judgeByPlace, readEscape, type EscapedText } from "./escapes.ts";

const alphabet = createAlphabet([{ bytes: Buffer.from("test/ké𝄞") }]);
const textOf = (text: string, isLast = true): EscapedText => ({ bytes: Buffer.from(text), isLast, alphabet });
const meaningOf = (text: string, isLast = true) => {
  const escape = readEscape(textOf(text, isLast), 0);
  return typeof escape === "object" ? `${escape.length}:${Buffer.from(escape.bytes).toString()}` : escape;
};

describe("an escape is read", () => {
  test.each([
    ["%74", "3:t"],
    ["%2F!", "3:/"],
    ["%2f!", "3:/"],
    [String.raw`\/`, "2:/"],
    [String.raw`\"`, '2:"'],
    [String.raw`\\u0041`, "2:\\"],
    [String.raw`\n`, "2:\n"],
    [String.raw`\u0074`, "6:t"],
    [String.raw`\u00E9`, "6:é"],
    [String.raw`\u6f22`, "6:漢"],
    [String.raw`\ud834\uDD1E`, "12:𝄞"],
  ])("%s", (text, meaning) => {
    expect(meaningOf(text)).toBe(meaning);
  });

  test.each(["t", "%", "%4", "%4g", "%g4", "\\", "\\x", "\\u", "\\u007", "\\u00g4", "\\ud834", "\\ud834\\", "\\ud834\\u0041", "\\udd1e"])(
    "%s is none",
    (text) => {
      expect(meaningOf(text)).toBeUndefined();
    },
  );

  test.each(["%", "%4", "\\", "\\u", "\\u007", "\\ud834", "\\ud834\\", "\\ud834\\u", "\\ud834\\udd1"])(
    "%s is not known before more is",
    (text) => {
      expect(meaningOf(text, false)).toBe("partial");
    },
  );
});

test("the next escape that matters is found, however many others there are", () => {
  const piece = fc.constantFrom(
    "%74",
    "%20",
    "%",
    "\\u0074",
    "\\u0020",
    "\\/",
    '\\"',
    '\\"'.repeat(9),
    "\\n",
    "\\",
    "t",
    "text ".repeat(9),
    "\\ud834",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, isLast) => {
      const text = textOf(pieces.join(""), isLast);
      const matters = Array.from(text.bytes, (_, at) => {
        const escape = readEscape(text, at);
        return escape === "partial" || (escape?.bytes.every((byte) => alphabet.has[byte] === 1) ?? false);
      });
      const finder = createEscapeFinder(alphabet);
      finder.begin(text);
      const found: number[] = [];
      for (let at = finder.next(0); at < text.bytes.length; at = finder.next(at + 1)) found.push(at);
      expect(found).toEqual(matters.flatMap((isFound, at) => (isFound ? [at] : [])));
    }),
    { numRuns: 2000 },
  );
});

test.each(["", '\\"'.repeat(9)])("an escape that cannot be part of a value is passed over whole, after %j", (before) => {
  const alphabet = createAlphabet([{ bytes: Buffer.from("\nabcdefg") }, { bytes: Buffer.from("x\\yzabcd") }]);
  const next = (text: string) => {
    const finder = createEscapeFinder(alphabet, judgeByPlace(alphabet));
    finder.begin({ bytes: Buffer.from(text + " and more".repeat(9)), isLast: true, alphabet });
    return finder.next(0);
  };
  const text = `${before} \\\\nabcdefg`;
  expect(next(text)).toBe(text.length + 81);
  expect(next(`${before} \\nabcdefg`)).toBe(before.length + 1);
  expect(next(`${before} x\\\\yzabcd`)).toBe(before.length + 2);
  expect(next(`${before} x%5Cyzabcd%20%`)).toBe(before.length + 2);
});
