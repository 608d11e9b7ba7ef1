import { describe, expect, test } from "vitest";
import { orderProfiles, type ProfileConfig, type ProfileOrderQuery } from "./order.ts";
import { parseAuthStore } from "./store.ts";

const NOW = 1_800_000_000_000;
const key = { type: "api_key", provider: "p", key: "test-key-one" };
const token = { type: "token", provider: "p", token: "test-token" };
const login = { type: "oauth", provider: "p", access: "test-access" };
const aliases = (name: string) => (name.trim().toLowerCase() === "pee" ? "p" : name.trim().toLowerCase());

function orderOf(store: object, config: ProfileConfig = {}, rest: Partial<ProfileOrderQuery> = {}) {
  return orderProfiles({ store: parseAuthStore(store), config, provider: "p", now: NOW, normalizeProvider: aliases, ...rest });
}

const cooling = (until: number, lastUsed?: number) => ({ cooldownUntil: until, ...(lastUsed !== undefined && { lastUsed }) });

describe("A5: which list counts, the store's order before the configured one", () => {
  const profiles = { "p:a": key, "p:b": key, "p:c": key };

  test.each([
    ["need 24: the store's order", { profiles, order: { p: ["p:b"] } }, { order: { p: ["p:c"] } }, ["p:b"], true],
    ["else the configured order", { profiles }, { order: { p: ["p:c", "p:a"] } }, ["p:c", "p:a"], true],
    ["else the configured profiles", { profiles }, { profiles: { "p:b": { provider: "p", mode: "api_key" } } }, ["p:b"], false],
    ["else all stored ones", { profiles }, {}, ["p:a", "p:b", "p:c"], false],
    ["need 24: an empty order means none", { profiles, order: { p: [] } }, {}, [], true],
    ["need 24: an empty order of the store beats a configured one", { profiles, order: { p: [] } }, { order: { p: ["p:a"] } }, [], true],
    ["an order under another spelling", { profiles, order: { " Pee ": ["p:b"] } }, {}, ["p:b"], true],
    ["its own spelling before another", { profiles, order: { pee: ["p:a"], p: ["p:b"] } }, {}, ["p:b"], true],
    ["the order of another provider does not count", { profiles, order: { q: [] } }, {}, ["p:a", "p:b", "p:c"], false],
    ["duplicates count once", { profiles, order: { p: ["p:b", "p:a", "p:b"] } }, {}, ["p:b", "p:a"], true],
  ] satisfies [string, object, ProfileConfig, string[], boolean][])("%s", (_name, store, config, ids, isExplicit) => {
    expect(orderOf(store, config)).toMatchObject({ ids, isExplicit });
  });

  test("a provider called constructor has no inherited order", () => {
    expect(orderOf({ profiles }, { order: {}, profiles: {} }, { provider: "constructor" })).toEqual({
      ids: [],
      sequence: [],
      excluded: [],
      isExplicit: false,
    });
  });
});

describe("what is left out, and why", () => {
  test("A5: an order leaves out the others, and names what it cannot use", () => {
    const store = {
      profiles: { "p:a": key, "p:b": { ...key, provider: "PEE" }, "p:blank": { ...key, key: "" }, "q:a": { ...key, provider: "q" } },
      order: { p: ["p:gone", "q:a", "p:blank", "p:a"] },
    };
    expect(orderOf(store)).toEqual({
      ids: ["p:a"],
      sequence: ["p:gone", "q:a", "p:blank", "p:a"],
      excluded: [
        { id: "p:gone", reason: "profile_missing" },
        { id: "q:a", reason: "provider_mismatch" },
        { id: "p:blank", reason: "missing_credential" },
        { id: "p:b", reason: "excluded_by_auth_order" },
      ],
      isExplicit: true,
    });
  });

  test("with no order, ineligible profiles and those not configured", () => {
    const store = { profiles: { "p:a": key, "p:b": key, "p:t": { ...token, expires: NOW } } };
    const profiles = { "p:a": { provider: "p", mode: "token" }, "p:t": { provider: "pee", mode: "token" } } as const;
    expect(orderOf(store, { profiles })).toEqual({
      ids: [],
      sequence: [],
      excluded: [
        { id: "p:a", reason: "mode_mismatch" },
        { id: "p:t", reason: "expired" },
        { id: "p:b", reason: "not_configured" },
      ],
      isExplicit: false,
    });
  });

  test("configured profiles that the store never had give way to the stored ones", () => {
    const config = { profiles: { "p:old": { provider: "p", mode: "api_key" } } } as const;
    expect(orderOf({ profiles: { "p:new": key } }, config)).toEqual({
      ids: ["p:new"],
      sequence: ["p:new"],
      excluded: [{ id: "p:old", reason: "profile_missing" }],
      isExplicit: false,
    });
    expect(orderOf({ profiles: { "p:old": { ...key, key: "" }, "p:new": key } }, config).ids).toEqual([]);
  });

  test("a set order whose profiles are all gone does not", () => {
    const config = { order: { p: ["p:old"] }, profiles: { "p:old": { provider: "p", mode: "api_key" } } } as const;
    expect(orderOf({ profiles: { "p:new": key } }, config)).toMatchObject({ ids: [], isExplicit: true });
  });
});

describe("A6: the sequence", () => {
  test("without an order: logins, tokens, keys; then the one that has rested longest; then as stored", () => {
    const store = {
      profiles: { "p:k2": key, "p:k1": key, "p:k0": key, "p:t": token, "p:o": login },
      usageStats: { "p:k2": { lastUsed: 5 }, "p:o": { lastUsed: 999 } },
    };
    expect(orderOf(store).ids).toEqual(["p:o", "p:t", "p:k1", "p:k0", "p:k2"]);
  });

  test("a cooldown moves a profile behind all others, the soonest end first", () => {
    const store = {
      profiles: { "p:o": login, "p:t": token, "p:k1": key, "p:k2": key },
      usageStats: { "p:o": cooling(NOW + 100), "p:t": cooling(NOW + 50), "p:k1": { lastUsed: 7 } },
    };
    expect(orderOf(store).ids).toEqual(["p:k2", "p:k1", "p:t", "p:o"]);
  });

  test("a set order keeps its sequence but for cooldowns", () => {
    const store = {
      profiles: { "p:o": login, "p:t": token, "p:k1": key, "p:k2": key },
      order: { p: ["p:k2", "p:t", "p:k1", "p:o"] },
      usageStats: { "p:k2": cooling(NOW + 100, 1), "p:t": cooling(NOW + 50, 2), "p:k1": { lastUsed: 7 } },
    };
    expect(orderOf(store).ids).toEqual(["p:k1", "p:o", "p:t", "p:k2"]);
  });

  test("a cooldown that has ended no longer moves its profile", () => {
    const profiles = { "p:a": key, "p:b": key };
    expect(orderOf({ profiles, order: { p: ["p:a", "p:b"] }, usageStats: { "p:a": cooling(NOW) } }).ids).toEqual(["p:a", "p:b"]);
  });

  test("a cooldown of one model counts for that model alone", () => {
    const store = {
      profiles: { "p:a": key, "p:b": key },
      usageStats: { "p:a": { cooldownUntil: NOW + 100, cooldownModel: "m1" } },
    };
    expect(orderOf(store, {}, { model: "m1" }).ids).toEqual(["p:b", "p:a"]);
    expect(orderOf(store, {}, { model: "m2" }).ids).toEqual(["p:a", "p:b"]);
    expect(orderOf(store).ids).toEqual(["p:a", "p:b"]);
  });

  test("a preferred profile comes first if it is in the list, cooling or not", () => {
    const store = { profiles: { "p:a": key, "p:b": key, "p:c": key }, usageStats: { "p:b": cooling(NOW + 100) } };
    expect(orderOf(store, {}, { preferred: "p:b" }).ids).toEqual(["p:b", "p:a", "p:c"]);
    expect(orderOf(store, {}, { preferred: "p:gone" }).ids).toEqual(["p:a", "p:c", "p:b"]);
  });
});

describe("the sequence that cooldowns do not change", () => {
  test("of a set order is the order as it was set, with what cannot be used", () => {
    const store = {
      profiles: { "p:o": login, "p:t": { ...token, expires: NOW }, "p:k": key },
      order: { p: ["p:o", "p:t", "p:k", "p:o", "p:gone"] },
      usageStats: { "p:o": cooling(NOW + 100) },
    };
    expect(orderOf(store)).toMatchObject({ ids: ["p:k", "p:o"], sequence: ["p:o", "p:t", "p:k", "p:gone"] });
  });

  test("without one is how the usable profiles stand when none is cooling", () => {
    const store = {
      profiles: { "p:k": key, "p:t": token, "p:o": login, "p:old": { ...token, expires: NOW } },
      usageStats: { "p:o": cooling(NOW + 100) },
    };
    expect(orderOf(store)).toMatchObject({ ids: ["p:t", "p:k", "p:o"], sequence: ["p:o", "p:t", "p:k"] });
  });
});
