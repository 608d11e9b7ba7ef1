import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { documentedStoreText } from "./documented-store-text.ts";
import { parseAuthStore } from "./store.ts";

test.each(["flat-by-provider.json", "flat-by-id.json"])("moves the accounts of %s under profiles, and the rest stays", async (name) => {
  const text = await readFile(new URL(`../test/fixtures/${name}`, import.meta.url), "utf8");
  const after = documentedStoreText("store.json", text);
  const [before, moved] = [parseAuthStore(JSON.parse(text)), parseAuthStore(JSON.parse(after))];
  expect(moved.profiles).toEqual(before.profiles);
  expect(moved.order).toEqual(before.order);
  expect(Object.keys(JSON.parse(after)).slice(0, 2)).toEqual(["version", "profiles"]);
  expect(after.includes("1e400")).toBe(text.includes("1e400"));
  expect(documentedStoreText("store.json", after)).toBe(after);
});

test("a documented store, and one without accounts, are handed back to the byte", () => {
  for (const text of ['{"profiles":{"a":{"key" : 1.0}}}', "{ }", "[1]"]) expect(documentedStoreText("store.json", text)).toBe(text);
});

test("a name that occurs twice is refused: one of the two would be lost", () => {
  const text = '{"openai":{"key":"test-key-one","key":"test-key-two"}}';
  expect(() => documentedStoreText("store.json", text)).toThrow(/^store\.json cannot be changed without loss: a name occurs twice/u);
});
