import { describe, expect, test } from "vitest";
import { parseAuthStore } from "./store.ts";

const key = { type: "api_key", provider: "p", key: "test-key-one" };

test("an empty object is an empty store", () => {
  expect(parseAuthStore({})).toMatchObject({ version: 1, dropped: [], diagnostics: [] });
  expect(parseAuthStore({}).profiles.size).toBe(0);
});

test("bad entries are listed with their reason and do not disturb the others", () => {
  const store = parseAuthStore({ version: 7, profiles: { a: null, b: { type: "x" }, c: { type: "token" }, d: key } });
  expect(store.version).toBe(7);
  expect([...store.profiles.keys()]).toEqual(["d"]);
  expect(store.dropped).toEqual([
    { id: "a", reason: "non_object" },
    { id: "b", reason: "invalid_type" },
    { id: "c", reason: "missing_provider" },
  ]);
});

test("order lists are trimmed, and what is no list or no id is left out", () => {
  const { order } = parseAuthStore({ order: { p: [" p:a ", "", 3, "p:b"], q: "q:a", r: [] } });
  expect(order).toEqual({ p: ["p:a", "p:b"], r: [] });
});

test("diagnostics name the profile", () => {
  const profiles = { "p:a": { ...key, keyRef: { source: "env", provider: "default", id: "WORK_KEY" } } };
  expect(parseAuthStore({ profiles }).diagnostics).toEqual([
    { code: "SECRETS_REF_OVERRIDES_PLAINTEXT", profileId: "p:a", message: expect.stringContaining("profiles.p:a.key") },
  ]);
});

test("usage of auth-state.json wins over usageStats, credential by credential", () => {
  const store = parseAuthStore(
    { usageStats: { a: { lastUsed: 1 }, b: { lastUsed: 2 } }, lastGood: { p: "p:a", q: "q:a" } },
    { state: { version: 1, credentials: { a: { lastUsed: 9 } }, lastGood: { p: "p:b" } } },
  );
  expect([store.usage.get("a")?.lastUsed, store.usage.get("b")?.lastUsed]).toEqual([9, 2]);
  expect(store.lastGood).toEqual({ p: "p:b", q: "q:a" });
});

test("names such as __proto__ and constructor are names like any other", () => {
  const store = parseAuthStore(
    JSON.parse('{"profiles":{"__proto__":{"type":"api_key","provider":"p","key":"test-key-one"}},"order":{"__proto__":["__proto__"]}}'),
  );
  expect([...store.profiles.keys()]).toEqual(["__proto__"]);
  expect(Object.keys(store.order)).toEqual(["__proto__"]);
  expect(store.order["constructor"]).toBeUndefined();
  expect(Object.hasOwn(Object.prototype, "type")).toBe(false);
});

describe("what is no store is refused, never taken for an empty one", () => {
  test.each([[null], [[]], ["text"], [1], [undefined]])("%j", (json) => {
    expect(() => parseAuthStore(json)).toThrow(expect.objectContaining({ code: "store-malformed" }));
  });

  test.each([[[]], ["text"], [1]])("profiles: %j", (profiles) => {
    expect(() => parseAuthStore({ profiles }, { name: "/x/auth-profiles.json" })).toThrow(
      "/x/auth-profiles.json: profiles is not an object",
    );
  });
});
