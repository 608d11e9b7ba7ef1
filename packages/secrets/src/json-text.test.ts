import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJsonText, type JsonValue } from "./json-text.ts";

/** Maps as the objects they stand for. */
function plain(value: JsonValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]));
  return Array.isArray(value) ? value.map((item) => plain(item)) : value;
}

test.each([
  ["{}", {}],
  ['{"a":[1,-2.5e3,true,false,null,"b"]}', { a: [1, -2500, true, false, null, "b"] }],
  [' \r\n\t"a" \r\n', "a"],
  ['"\\u0041\\n\\"\\\\"', 'A\n"\\'],
  ["[]", []],
  ["0", 0],
])("%j is read", (text, expected) => {
  const parsed = parseJsonText(text);
  expect("value" in parsed && plain(parsed.value)).toEqual(expected);
});

test("__proto__ and constructor are members like any other", () => {
  const parsed = parseJsonText('{"__proto__":"a","constructor":"b"}');
  expect("value" in parsed && parsed.value).toEqual(
    new Map([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]),
  );
  expect("a" in {}).toBe(false);
});

describe("what is wrong is said with its place and without a character of the text [F10]", () => {
  test.each([
    ["nothing", "", "unexpected character at line 1, column 1"],
    ["a bare word", "canary-word", "unexpected character at line 1, column 1"],
    ["a fault beside the secret", '{"key": "canary-word"\n "b": 1}', "a closing brace is missing at line 2, column 2"],
    ["an unfinished string", '{"key": "canary-word', "unfinished string at line 1, column 9"],
    ["a line break in a string", '{"key": "canary\nword"}', "unfinished string at line 1, column 9"],
    ["a name twice", '{"a":"canary",\n"a":"word"}', "a name occurs twice at line 2, column 1"],
    ["a name twice, once with escapes", '{"a":1,"\\u0061":2}', "a name occurs twice at line 1, column 8"],
    ["a JSON5 comment", '// canary\n{"a":1}', "unexpected character at line 1, column 1"],
    ["a trailing comma", '{"a":"canary",}', "a name in quotes is missing at line 1, column 15"],
    ["single quotes", "{'a':'canary'}", "a name in quotes is missing at line 1, column 2"],
    ["an unknown escape", '"\\xcanary"', "unknown escape at line 1, column 3"],
    ["half a unicode escape", '"\\u12-canary"', "unknown escape at line 1, column 3"],
    ["a second document", '{"a":1}{"b":"canary"}', "something follows the value at line 1, column 8"],
    ["text after the document", "{} canary", "something follows the value at line 1, column 4"],
    ["a byte order mark", "\uFEFF{}", "unexpected character at line 1, column 1"],
    ["a missing colon", '{"canary" 1}', "a colon is missing at line 1, column 11"],
    ["an open list", '["canary"', "a closing bracket is missing at line 1, column 10"],
    ["a leading zero", "01", "something follows the value at line 1, column 2"],
    ["65 levels", "[".repeat(65), "too many levels at line 1, column 65"],
    ["100 000 levels", "[".repeat(100_000), "too many levels at line 1, column 65"],
  ])("%s", (_, text, problem) => {
    expect(parseJsonText(text)).toEqual({ problem });
  });
});

test("a million members are read, and a megabyte of blanks", () => {
  const text = `{${Array.from({ length: 1_000_000 }, (_, index) => `"${index}":0`).join(",")}}${" ".repeat(1_000_000)}`;
  const parsed = parseJsonText(text);
  expect("value" in parsed && parsed.value instanceof Map && parsed.value.size).toBe(1_000_000);
});

test("reads what JSON.stringify writes, and refuses what JSON.parse refuses", () => {
  const same = (text: string) => {
    const parsed = parseJsonText(text);
    let expected: unknown;
    try {
      expected = JSON.parse(text);
    } catch {
      return "problem" in parsed;
    }
    return "value" in parsed ? JSON.stringify(plain(parsed.value)) === JSON.stringify(expected) : /twice|levels/.test(parsed.problem);
  };
  const pieces = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "u0041",
    "1",
    "-",
    ".",
    "e",
    "true",
    "null",
    " ",
    "\n",
    '"a"',
    "é",
  );
  expect(() => fc.assert(fc.property(fc.json(), same), { numRuns: 300 })).not.toThrow();
  expect(() =>
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => same(parts.join(""))),
      { numRuns: 2_000 },
    ),
  ).not.toThrow();
});
