import { describe, expect, test } from "vitest";
import { mergeStores } from "./merge-stores.ts";
import { parseAuthStore } from "./store.ts";

const key = (text: string) => ({ type: "api_key", provider: "p", key: text });
const login = (text: string, expires: unknown, rest: object = {}) => ({ type: "oauth", provider: "p", access: text, expires, ...rest });

function accessAfterMerge(main: object, agent: object): string | undefined {
  const profile = mergeStores(parseAuthStore({ profiles: { "p:x": main } }), parseAuthStore({ profiles: { "p:x": agent } })).profiles.get(
    "p:x",
  );
  return profile?.type === "oauth" ? profile.access?.reveal() : profile?.secret?.reveal();
}

test("the agent sees main's profiles behind its own", () => {
  const merged = mergeStores(
    parseAuthStore({ profiles: { "p:a": key("test-main-a"), "p:b": key("test-main-b") }, usageStats: { "p:a": { lastUsed: 1 } } }),
    parseAuthStore({ version: 2, profiles: { "p:b": key("test-agent-b"), "p:c": key("test-agent-c") } }),
  );
  expect([...merged.profiles.keys()]).toEqual(["p:a", "p:b", "p:c"]);
  const own = merged.profiles.get("p:b");
  expect(own?.type === "api_key" && own.secret?.reveal()).toBe("test-agent-b");
  expect(merged.usage.get("p:a")?.lastUsed).toBe(1);
  expect(merged.version).toBe(2);
});

describe("a login that both hold", () => {
  test.each([
    ["main's, when it lasts longer", login("test-main", 200), login("test-agent", 100), "test-main"],
    ["the agent's, when they end together", login("test-main", 100), login("test-agent", 100), "test-agent"],
    ["the agent's, when it lasts longer", login("test-main", 100), login("test-agent", 200), "test-agent"],
    ["main's, when the agent's end is unknown", login("test-main", 100), login("test-agent", null), "test-main"],
    ["the agent's, when main's end is unknown", login("test-main", undefined), login("test-agent", 100), "test-agent"],
    ["the agent's, when main's holds no token", { type: "oauth", provider: "p", expires: 200 }, login("test-agent", 100), "test-agent"],
    [
      "the agent's, when the accounts differ",
      login("test-main", 200, { accountId: "one" }),
      login("test-agent", 100, { accountId: "two" }),
      "test-agent",
    ],
    [
      "the agent's, when the addresses differ",
      login("test-main", 200, { email: "a@example.com" }),
      login("test-agent", 100, { email: "b@example.com" }),
      "test-agent",
    ],
    [
      "main's, when one account is known by address only",
      login("test-main", 200, { accountId: "one" }),
      login("test-agent", 100, { email: "b@example.com" }),
      "test-main",
    ],
    ["the agent's, when the providers differ", login("test-main", 200, { provider: "q" }), login("test-agent", 100), "test-agent"],
    ["the agent's, when it is no login", login("test-main", 200), key("test-agent"), "test-agent"],
  ])("is %s", (_name, main, agent, expected) => {
    expect(accessAfterMerge(main, agent)).toBe(expected);
  });
});

test("an agent's order and lastGood take the place of main's, in any spelling of the provider", () => {
  const aliases = (provider: string) => (provider === "z.ai" ? "zai" : provider);
  const merged = mergeStores(
    parseAuthStore({ order: { "z.ai": ["zai:main"], p: ["p:main"] }, lastGood: { p: "p:main", q: "q:main" } }),
    parseAuthStore({ order: { zai: [] }, lastGood: { p: "p:agent" } }),
    aliases,
  );
  expect(merged.order).toEqual({ zai: [], p: ["p:main"] });
  expect(merged.lastGood).toEqual({ p: "p:agent", q: "q:main" });
});

test("diagnostics and dropped entries are those of what is seen", () => {
  const doubled = { ...key("test-key-one"), keyRef: { source: "env", provider: "default", id: "WORK_KEY" } };
  const main = parseAuthStore({ profiles: { "p:a": doubled, "p:b": doubled, "p:c": null } });
  const merged = mergeStores(main, parseAuthStore({ profiles: { "p:a": key("test-key-two"), "p:c": key("test-key-three"), "p:d": null } }));
  expect(merged.diagnostics.map(({ profileId }) => profileId)).toEqual(["p:b"]);
  expect(merged.dropped.map(({ id }) => id)).toEqual(["p:d"]);
});
