import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { authStoreJsonSchema } from "./auth-store-schema.ts";

const schema = z.fromJSONSchema(JSON.parse(JSON.stringify(authStoreJsonSchema)));
const allows = (store: unknown) => schema.safeParse(store).success;

test("the store of the README is one", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const example = /```json\n(.*?)```/s.exec(readme)?.[1] ?? "";
  expect(allows(JSON.parse(example))).toBe(true);
});

describe("allowed", () => {
  test.each([
    ["nothing stored", { version: 1, profiles: {} }],
    ["names nobody knows, everywhere", { profiles: { "p:x": { type: "api_key", provider: "p", future: [1] } }, future: {} }],
    ["entries of newer types", { profiles: { "p:x": { type: "passkey" } } }],
    ["an order that means none", { profiles: {}, order: { p: [] } }],
  ])("%s", (_name, store) => expect(allows(store)).toBe(true));
});

describe("not allowed", () => {
  test.each([
    ["no profiles", {}],
    ["a key that is no text", { profiles: { "p:x": { type: "api_key", provider: "p", key: 5 } } }],
    ["an expires that is text", { profiles: { "p:x": { type: "oauth", provider: "p", expires: "2026" } } }],
    ["a profile without provider", { profiles: { "p:x": { type: "token", token: "test-token-one" } } }],
    ["an order that is no list", { profiles: {}, order: { p: "p:x" } }],
  ])("%s", (_name, store) => expect(allows(store)).toBe(false));
});
