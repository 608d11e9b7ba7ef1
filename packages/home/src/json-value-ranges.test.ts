import { expect, test } from "vitest";
import { jsonValueRanges } from "./json-value-ranges.ts";

function valuesAt(text: string, paths: readonly (readonly string[])[], dialect: "json" | "json5" = "json"): readonly string[] {
  const bytes = Buffer.from(text);
  return jsonValueRanges(bytes, paths, dialect).map(({ start, end }) => bytes.subarray(start, end).toString());
}

test("finds values by their paths, in the order of the file", () => {
  const text = '{"é": "à", "profiles": {"openai:default": {"key": "test-key-ö"}}, "list": ["a", "b"]}';
  expect(valuesAt(text, [["list", "1"], ["profiles", "openai:default", "key"], ["é"]])).toEqual(['"à"', '"test-key-ö"', '"b"']);
});

test("counts a byte order mark, and reads the comments of JSON5", () => {
  const text = "\uFEFF{ // key: 'no'\n  key: 'test-key-one', }";
  expect(valuesAt(text, [["key"]], "json5")).toEqual(["'test-key-one'"]);
});

test.each([
  ["a path that leads nowhere", '{"a": 1}', [["b"], ["a", "c"], []]],
  ["a file that is not valid", '{"a": ', [["a"]]],
  ["a name that occurs twice", '{"a": "x", "a": "y"}', [["a"]]],
])("finds nothing for %s", (_name, text, paths) => {
  expect(valuesAt(text, paths)).toEqual([]);
});
