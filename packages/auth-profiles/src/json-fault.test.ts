import { describe, expect, test } from "vitest";
import { findJsonFault } from "./json-fault.ts";

describe("where a text stops being JSON", () => {
  test.each([
    ["{bad", 1],
    ["", 0],
    [" \n", 2],
    ['{"a":1}{"b":2}', 7],
    ['{"a":1,}', 7],
    ["[1,]", 3],
    ["[1 2]", 3],
    ["[1}", 2],
    ['{"a" 1}', 5],
    ['{"a":tru}', 5],
    ['{"a":01}', 6],
    ['{"a":"x', 7],
    ['{"a":"x\ny"}', 7],
    ['{"a":"\\x"}', 6],
    ['{"a":1', 6],
    ["{'a':1}", 1],
    ["NaN", 0],
    ["-", 0],
  ])("%j at %i", (text, at) => {
    expect(findJsonFault(text)).toBe(at);
  });
});

test("agrees with JSON.parse on every cut and every changed character of a document", () => {
  const document = '{"a":[1,-2.5e+3,true,null,{}],"b\\u00e9":{"c":"x\\"y","d":[],"e":false},"f":0}\n';
  const variants = [...document].flatMap((_, at) => [
    document.slice(0, at),
    document.slice(0, at) + document.slice(at + 1),
    ...[...'{}[]:,"\\0-e n\u0001'].map((character) => document.slice(0, at) + character + document.slice(at + 1)),
  ]);
  for (const variant of [document, ...variants]) {
    expect({ variant, isJson: findJsonFault(variant) === undefined }).toEqual({ variant, isJson: isJson(variant) });
  }
});

test("long texts and deep nesting need no stack", () => {
  const long = `{"a":"${"x\\n".repeat(500_000)}"`;
  expect(findJsonFault(long)).toBe(long.length);
  expect(findJsonFault("[".repeat(500_000))).toBe(500_000);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
