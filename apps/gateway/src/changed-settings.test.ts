import { expect, test } from "vitest";
import { changedSettings } from "./changed-settings.ts";

/** As a configuration is, which may hold keys. */
function hidden(value: number): object {
  return Object.defineProperty({ value }, "toJSON", { value: () => "[configuration]", enumerable: false });
}

test.each<[string, unknown, unknown, readonly string[]]>([
  ["the same", { a: { b: [1] } }, { a: { b: [1] } }, []],
  ["a value", { a: { b: 1 }, c: 2 }, { a: { b: 2 }, c: 2 }, ["a.b"]],
  ["one that came and one that went", { a: 1 }, { b: 1 }, ["a", "b"]],
  ["a list as a whole", { a: [{ b: 1 }] }, { a: [{ b: 2 }] }, ["a"]],
  ["what is deep by the place above it", { a: { b: { c: { d: "one" } } } }, { a: { b: { c: { d: "two" } } } }, ["a.b.c"]],
  ["what JSON does not show", { a: { b: { c: hidden(1) } } }, { a: { b: { c: hidden(2) } } }, ["a.b.c"]],
  ["another kind of thing", { a: { b: 1 } }, { a: "text" }, ["a"]],
  ["a name of every object", {}, JSON.parse('{"__proto__":1,"constructor":2}'), ["__proto__", "constructor"]],
])("%s", (_name, before, after, paths) => {
  const env = { values: {} };
  expect(changedSettings({ config: before, env }, { config: after, env })).toEqual({ config: paths, env: [] });
});

test("names variables that came, went or have another value", () => {
  const before = { config: {}, env: { values: { SAME: "1", OTHER: "1", GONE: "1" } } };
  const after = { config: {}, env: { values: { SAME: "1", OTHER: "2", NEW: "1" } } };
  expect(changedSettings(before, after)).toEqual({ config: [], env: ["GONE", "NEW", "OTHER"] });
});
