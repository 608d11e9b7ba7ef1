import { inspect } from "node:util";
import { expect, test } from "vitest";
import { unprinted } from "./unprinted.ts";

test("an object shows what it is in place of what it holds, and can be read as before", () => {
  const object = unprinted({ apiKey: "test-key-one" }, "configuration");
  expect(inspect({ object }, { depth: 9, showHidden: true })).not.toContain("test-key");
  expect(inspect(object)).toBe("[configuration]");
  expect(JSON.stringify({ object })).toBe('{"object":"[configuration]"}');
  expect(Object.entries(object)).toEqual([["apiKey", "test-key-one"]]);
});

test("a property of that name does not bring the rest back", () => {
  const object = unprinted({ toJSON: "test-key-one" }, "environment");
  expect(JSON.stringify(object)).toBe('"[environment]"');
  expect(Object.keys(object)).toEqual([]);
});
