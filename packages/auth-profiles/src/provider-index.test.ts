import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeStores } from "./merge-stores.ts";
import { orderProfiles, type ProfileConfig } from "./order.ts";
import { indexProviders } from "./provider-index.ts";
import { parseAuthStore } from "./store.ts";

const NOW = 1_800_000_000_000;
const key = (provider: string) => ({ type: "api_key", provider, key: "test-key-one" });
const aliases = new Map([
  ["z.ai", "zai"],
  ["z-ai", "zai"],
  ["zai-plan", "zai"],
]);
const normalizeProvider = (name: string) => aliases.get(name.trim().toLowerCase()) ?? name.trim().toLowerCase();
const spelling = fc.constantFrom("zai", "z.ai", "Z-AI", " zai-plan ", "ZAI");

function entryOf(store: object, config: ProfileConfig = {}) {
  return indexProviders({ store: parseAuthStore(store), config, normalizeProvider }).get("zai");
}

describe("of a provider are found", () => {
  test("its profiles under all spellings, as they are stored and configured", () => {
    const config = { profiles: { "z:2": { provider: "Z-AI", mode: "api_key" }, "q:a": { provider: "q", mode: "token" } } } as const;
    expect(entryOf({ profiles: { "z:2": key("z.ai"), "q:a": key("q"), "z:1": key(" ZAI ") } }, config)).toEqual({
      explicit: undefined,
      configured: ["z:2"],
      stored: ["z:2", "z:1"],
    });
  });

  test("need 24: the store's order, else the configured one, an empty one included", () => {
    const config = { order: { "z.ai": ["z:1"] } };
    expect(entryOf({}, config)?.explicit).toEqual(["z:1"]);
    expect(entryOf({ order: { "Z-AI": [] } }, config)?.explicit).toEqual([]);
    expect(entryOf({ order: { "z.ai": ["z:2"], zai: ["z:3"], "z-ai": ["z:4"] } }, config)?.explicit).toEqual(["z:3"]);
    expect(entryOf({ order: { "z.ai": ["z:2"], "z-ai": ["z:4"] } }, config)?.explicit).toEqual(["z:2"]);
  });

  test("nothing, where nobody names it", () => {
    expect(entryOf({ profiles: { "q:a": key("q") } })).toBeUndefined();
  });

  test.each(["__proto__", "constructor"])("those of a provider called %s", (provider) => {
    const store = parseAuthStore({ profiles: { "x:a": key(provider) } });
    expect(indexProviders({ store, config: {}, normalizeProvider }).get(provider)?.stored).toEqual(["x:a"]);
  });
});

test("a table of aliases is asked once for each spelling", () => {
  const asked: string[] = [];
  const store = parseAuthStore({ profiles: Object.fromEntries(Array.from({ length: 99 }, (_, at) => [`p:${at}`, key("p")])) });
  indexProviders({ store, config: {}, normalizeProvider: (name) => (asked.push(name), name) });
  expect(asked).toEqual(["p"]);
});

describe("need 54: under any alias", () => {
  /** One home, written with some spellings of the provider. */
  function spelled([stored, ordered, configured, asked]: readonly string[]) {
    const store = parseAuthStore({
      profiles: { "z:1": key(stored ?? ""), "z:2": key("zai"), "z:3": key(stored ?? ""), "q:a": key("q") },
      order: { [ordered ?? ""]: ["z:2", "z:gone", "z:1"] },
    });
    const mode = "api_key" as const;
    const config = { order: { [configured ?? ""]: ["z:3"] }, profiles: { "z:1": { provider: configured ?? "", mode } } };
    const provider = asked ?? "";
    const query = { now: NOW, normalizeProvider, provider };
    return [
      orderProfiles({ ...query, store, config }),
      orderProfiles({ ...query, store: { ...store, order: {} }, config }),
      orderProfiles({ ...query, store: { ...store, order: {} }, config: { profiles: config.profiles } }),
      orderProfiles({ ...query, store: { ...store, order: {} }, config: {} }),
    ];
  }

  test("store, order and configuration are those of the canonical id", () => {
    const canonical = spelled(["zai", "zai", "zai", "zai"]);
    expect(canonical.map(({ ids }) => ids)).toEqual([["z:2", "z:1"], ["z:3"], ["z:1"], ["z:1", "z:2", "z:3"]]);
    const spellings = fc.tuple(spelling, spelling, spelling, spelling);
    fc.assert(fc.property(spellings, (each) => void expect(spelled(each)).toEqual(canonical)));
  });

  test("an agent's order and lastGood take the place of main's", () => {
    fc.assert(
      fc.property(spelling, spelling, (mains, own) => {
        const main = parseAuthStore({ order: { [mains]: ["z:1"] }, lastGood: { [mains]: "z:1" } });
        const merged = mergeStores(main, parseAuthStore({ order: { [own]: [] }, lastGood: { [own]: "z:2" } }), normalizeProvider);
        expect([merged.order, merged.lastGood]).toEqual([{ [own]: [] }, { [own]: "z:2" }]);
      }),
    );
  });
});
