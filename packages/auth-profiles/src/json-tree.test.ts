import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJsonTree, printJsonTree, type JsonNode } from "./json-tree.ts";

function treeOf(text: string): JsonNode {
  const tree = parseJsonTree(text);
  if ("problem" in tree) throw new Error(`${tree.problem} at ${tree.index}`);
  return tree;
}

const roundTrip = (text: string) => printJsonTree(treeOf(text));

describe("a round trip keeps every token", () => {
  test.each([
    ["numbers beyond 2^53", "12345678901234567890"],
    ["numbers beyond any double", "1e400"],
    ["a negative zero", "-0"],
    ["digits after the point", "1.000"],
    ["an exponent", "1E+05"],
    ["escapes", '"\\u00e9\\/\\ud800 \\" \\\\"'],
    ["characters beyond ASCII", '"é\u2028😀"'],
    ["true", "true"],
    ["null", "null"],
    ["empty containers", "[\n  {},\n  []\n]"],
    ["a name that is a prototype", '{\n  "__proto__": {\n    "constructor": 1\n  }\n}'],
    ["names that look like indexes, in their order", '{\n  "b": 1,\n  "10": 2,\n  "2": 3\n}'],
    ["an escaped name", '{\n  "\\u0061": 1\n}'],
    ["an empty name", '{\n  "": ""\n}'],
  ])("%s", (_name, text) => {
    expect(roundTrip(text)).toBe(text);
  });

  test("whatever the layout was", () => {
    expect(roundTrip(' {"a":[1,{"b":2} ,\t"c" ] , "d"\r\n:{ } }\n')).toBe(
      '{\n  "a": [\n    1,\n    {\n      "b": 2\n    },\n    "c"\n  ],\n  "d": {}\n}',
    );
  });

  test("A11: of any JSON, which comes back as JSON.stringify lays it out", () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: "medium", noUnicodeString: false }), (value) => {
        // Read back first: an object that came from JSON has its names in the order it will keep.
        const text = JSON.stringify(value);
        const again = roundTrip(text);
        expect(JSON.parse(again)).toStrictEqual(JSON.parse(text));
        expect(roundTrip(again)).toBe(again);
        expect(again.replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
      }),
      { numRuns: 500 },
    );
  });
});

describe("what could not be written without loss is refused", () => {
  test.each([
    ['{"a":1,"a":2}', 7],
    ['{"a":1,"\\u0061":2}', 7],
    ['{"x":[{"k":1,"k":1}]}', 13],
    ['{"__proto__":1,"__proto__":2}', 15],
  ])("a name that occurs twice: %s", (text, index) => {
    expect(parseJsonTree(text)).toEqual({ problem: "a name occurs twice", index });
  });

  test("more than 512 levels", () => {
    expect(treeOf("[".repeat(511) + "]".repeat(511)).kind).toBe("array");
    expect(parseJsonTree("[".repeat(100_000) + "]".repeat(100_000))).toEqual({ problem: "there are more than 512 levels", index: 512 });
  });
});

test("a megabyte of quotes and backslashes is read in linear time", () => {
  const text = JSON.stringify('\\"'.repeat(500_000));
  const startedAt = performance.now();
  expect(roundTrip(text)).toBe(text);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
