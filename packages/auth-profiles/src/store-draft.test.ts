import { Secret } from "@openclaw/secrets";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AuthProfileError } from "./errors.ts";
import { memberOf, parseJsonTree, type JsonObject } from "./json-tree.ts";
import type { LegacyProfile } from "./legacy-stores.ts";
import { openStoreDraft, type StoreDraft } from "./store-draft.ts";
import { parseAuthStore } from "./store.ts";

function treeOf(text: string): JsonObject {
  const tree = parseJsonTree(text);
  if ("problem" in tree || tree.kind !== "object") throw new Error("no object");
  return tree;
}

interface Start {
  readonly text?: string;
  readonly legacy?: readonly LegacyProfile[];
}

function open({ text, legacy = [] }: Start = {}) {
  return openStoreDraft({
    path: "/store",
    tree: text === undefined ? undefined : treeOf(text),
    legacy,
    normalizeProvider: (name) => ({ "z.ai": "zai" })[name] ?? name.toLowerCase(),
    view: parseAuthStore,
  });
}

/** What would be written. */
function changed(start: string | Start | undefined, change: (draft: StoreDraft) => void): string | undefined {
  const { draft, finish } = open(typeof start === "string" ? { text: start } : start);
  change(draft);
  return finish();
}

const json = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text));

function errorOf(start: string | Start, change: (draft: StoreDraft) => void): AuthProfileError {
  try {
    changed(start, change);
  } catch (error) {
    if (error instanceof AuthProfileError) return error;
    throw error;
  }
  throw new Error("it was allowed");
}

const key = (secret: string) => ({ type: "api_key", provider: "p", secret: Secret.of(secret) }) as const;
const login = {
  type: "oauth",
  provider: "p",
  access: "test-access-one",
  refresh: "test-refresh-one",
  expires: 5,
  accountId: "acc",
  note: [1e21],
} as const;
const three = JSON.stringify({
  version: 1,
  profiles: { "p:a": { type: "api_key", provider: "p", key: "test-key-a" }, "p:b": login, "q:c": { type: "passkey", provider: "q" } },
  order: { p: ["p:a", "p:b"], q: ["q:c"] },
  lastGood: { p: "p:b" },
  usageStats: { "p:b": { lastUsed: 1 }, "p:a": { lastUsed: 2 } },
});

describe("what is written", () => {
  test("nothing where nothing was changed, whatever the layout", () => {
    expect(
      changed('{"profiles":{"p:a":{"type":"api_key","provider":"p","key":"test-key-a"}}}', (draft) => void draft.store),
    ).toBeUndefined();
    expect(changed(undefined, (draft) => void draft.store)).toBeUndefined();
    expect(changed(three, (draft) => draft.put("p:a", key("test-key-a")))).toBeUndefined();
    expect(changed(three, (draft) => void draft.remove("p:zz"))).toBeUndefined();
    expect(changed(undefined, (draft) => draft.setOrder("p", undefined))).toBeUndefined();
  });

  test("an empty store where it was asked for and there is none", () => {
    expect(changed(undefined, (draft) => draft.create())).toBe('{\n  "version": 1,\n  "profiles": {}\n}\n');
    expect(changed("{}", (draft) => draft.create())).toBeUndefined();
  });

  test("A11: known names first, then those nobody here knows, each as it was to the byte", () => {
    const text = '{"future":{"n":12345678901234567890,"__proto__":-0,"7":1e400},"order":{"p":["p:a"]},"profiles":{},"x":"\\u00e9"}';
    expect(changed(text, (draft) => draft.put("p:a", key("test-key-one")))).toBe(`{
  "version": 1,
  "profiles": {
    "p:a": {
      "type": "api_key",
      "provider": "p",
      "key": "test-key-one"
    }
  },
  "order": {
    "p": [
      "p:a"
    ]
  },
  "future": {
    "n": 12345678901234567890,
    "__proto__": -0,
    "7": 1e400
  },
  "x": "\\u00e9"
}
`);
  });

  test("A11: whatever else a store holds survives any change", () => {
    const word = fc.stringMatching(/^[a-z]{1,4}$/);
    const newer = fc.record({ type: fc.constant("passkey"), provider: word, more: fc.jsonValue() });
    const unknown = fc.dictionary(
      fc.string().map((name) => `x${name}`),
      fc.jsonValue(),
      { maxKeys: 4 },
    );
    const store = fc.record({
      profiles: fc.dictionary(
        word.map((name) => `new:${name}`),
        newer,
        { maxKeys: 3 },
      ),
      lastGood: fc.dictionary(word, fc.jsonValue()),
      usageStats: fc.dictionary(word, fc.jsonValue()),
    });
    const change = fc.constantFrom<(draft: StoreDraft) => unknown>(
      (draft) => draft.put("p:a", key("test-key-one")),
      (draft) => draft.setOrder("p", ["p:a"]),
      (draft) => draft.remove("p:a"),
      (draft) => draft.create(),
    );
    fc.assert(
      fc.property(store, unknown, fc.array(change, { minLength: 1, maxLength: 4 }), (known, others, changes) => {
        const all = treeOf(JSON.stringify({ ...known, ...others }));
        const text = changed(JSON.stringify({ ...known, ...others }), (draft) => changes.forEach((step) => step(draft)));
        if (text === undefined) return;
        const after = treeOf(text);
        for (const name of [...Object.keys(others), "lastGood", "usageStats"]) expect(memberOf(after, name)).toEqual(memberOf(all, name));
        const profiles = memberOf(after, "profiles");
        for (const [id, entry] of Object.entries(known.profiles)) {
          const kept = profiles?.kind === "object" ? memberOf(profiles, id) : undefined;
          expect(kept).toEqual(treeOf(JSON.stringify({ entry })).members.get("entry")?.value);
        }
      }),
    );
  });
});

describe("a draft", () => {
  test("shows the store as it has been changed", () => {
    const { draft } = open({ text: three });
    const before = draft.store;
    expect(draft.store).toBe(before);
    draft.put("p:d", key("test-key-d"));
    expect([...draft.store.profiles.keys()]).toEqual(["p:a", "p:b", "p:d"]);
    draft.remove("p:a");
    expect(draft.store.order["p"]).toEqual(["p:b"]);
  });

  test("cannot be changed once its update has ended", () => {
    const { draft, finish } = open();
    finish();
    expect(() => draft.put("p:a", key("test-key-a"))).toThrow("after its update had ended");
  });

  test("takes ids that are names of a prototype for what they are", () => {
    const text = changed(undefined, (draft) => draft.put("__proto__", key("test-key-one")));
    expect(parseAuthStore(json(text)).profiles.has("__proto__")).toBe(true);
  });
});

describe("tokens of a login", () => {
  const set = (tokens: Parameters<StoreDraft["setTokens"]>[1]) => (draft: StoreDraft) => draft.setTokens("p:b", tokens);

  test("replace the old ones and leave the rest", () => {
    const tokens = { access: Secret.of("test-access-two"), refresh: Secret.of("test-refresh-two"), expiresAt: 9, email: "a@b" };
    expect(json(changed(three, set(tokens)))).toMatchObject({
      profiles: { "p:b": { ...login, access: "test-access-two", refresh: "test-refresh-two", expires: 9, email: "a@b" } },
    });
  });

  test("without a refresh token the old one stays; without an end the old end goes", () => {
    const { expires: _expires, ...rest } = login;
    expect(json(changed(three, set({ access: Secret.of("test-access-two") })))).toHaveProperty(["profiles", "p:b"], {
      ...rest,
      access: "test-access-two",
    });
  });

  test("O14: of a login that was removed meanwhile are not stored", () => {
    const error = errorOf(three, (draft) => {
      draft.remove("p:b");
      set({ access: Secret.of("test-access-two") })(draft);
    });
    expect(error).toMatchObject({ code: "profile-not-found", profileId: "p:b" });
  });

  test("are refused where there is no login", () => {
    expect(errorOf(three, (draft) => draft.setTokens("p:a", { access: Secret.of("t") }))).toMatchObject({ code: "profile-unusable" });
  });

  test("need 23: a mask in their place is refused", () => {
    expect(errorOf(three, set({ access: Secret.of("[redacted]") })).code).toBe("credential-refused");
  });
});

describe("removing", () => {
  test("takes the name out of order, lastGood and usageStats", () => {
    const text = changed(three, (draft) => expect(draft.remove("p:b")).toBe(true));
    expect(json(text)).toEqual({
      version: 1,
      profiles: { "p:a": { type: "api_key", provider: "p", key: "test-key-a" }, "q:c": { type: "passkey", provider: "q" } },
      order: { p: ["p:a"], q: ["q:c"] },
      usageStats: { "p:a": { lastUsed: 2 } },
    });
  });

  test("an entry of a newer type can be removed", () => {
    expect(json(changed(three, (draft) => expect(draft.remove("q:c")).toBe(true)))).not.toHaveProperty(["profiles", "q:c"]);
  });

  test("an order that becomes empty stays, for it keeps out the accounts that are left", () => {
    const text = changed(three, (draft) => {
      draft.setOrder("p", ["p:a"]);
      draft.remove("p:a");
    });
    expect(json(text)).toHaveProperty("order", { p: [], q: ["q:c"] });
  });

  test("an order that becomes empty goes with the last account of its provider", () => {
    const text = changed(three, (draft) => ["q:c", "p:a", "p:b"].forEach((id) => draft.remove(id)));
    expect(json(text)).toEqual({ version: 1, profiles: {} });
  });

  test("what is not there is no error", () => {
    expect(changed(three, (draft) => expect(draft.remove("p:zz")).toBe(false))).toBeUndefined();
  });

  test("parts that are no objects stay as they are", () => {
    const odd = '{"profiles":{"p:a":{}},"order":[1],"lastGood":"p:a","usageStats":7}';
    expect(json(changed(odd, (draft) => draft.remove("p:a")))).toEqual({ ...Object(json(odd)), version: 1, profiles: {} });
  });
});

describe("the order of a provider", () => {
  test("is written once, under the normalised name, where the first spelling stood", () => {
    const start = '{"profiles":{},"order":{"a":["a:1"],"z.ai":["z:1"],"ZAI":["z:2"],"b":["b:1"]}}';
    const text = changed(start, (draft) => draft.setOrder("z.ai", ["z:3", "z:1", "z:3"]));
    expect(JSON.stringify(json(text))).toBe('{"version":1,"profiles":{},"order":{"a":["a:1"],"zai":["z:3","z:1"],"b":["b:1"]}}');
  });

  test("cleared, all its spellings go, and an empty order with them", () => {
    const start = '{"profiles":{},"order":{"z.ai":["z:1"],"ZAI":["z:2"]}}';
    expect(json(changed(start, (draft) => draft.setOrder("zai", undefined)))).toEqual({ version: 1, profiles: {} });
  });

  test("may be empty, which means none", () => {
    expect(json(changed(undefined, (draft) => draft.setOrder("p", [])))).toEqual({ version: 1, profiles: {}, order: { p: [] } });
  });
});

describe("failures of a provider's accounts", () => {
  const failures = {
    cooldownUntil: 9,
    cooldownReason: "rate_limit",
    cooldownModel: "m",
    disabledUntil: 9,
    disabledReason: "billing",
    errorCount: 2,
    failureCounts: { billing: 2 },
    lastFailureAt: 8,
  };
  const start = {
    version: 1,
    profiles: { "p:a": { type: "api_key", provider: "P" }, "p:b": { type: "api_key", provider: "q" } },
    usageStats: {
      "p:a": { ...failures, lastUsed: 1, note: [1] },
      "p:b": failures,
      "p:of-main": failures,
      "q:of-main": failures,
      "p:odd": 7,
    },
  };

  test("are forgotten, main's accounts included; lastUsed, unknown fields and other providers' stay", () => {
    expect(json(changed(JSON.stringify(start), (draft) => draft.clearUsage("p")))).toEqual({
      ...start,
      usageStats: { "p:a": { lastUsed: 1, note: [1] }, "p:b": failures, "q:of-main": failures, "p:odd": 7 },
    });
  });

  test("of some accounts alone, where these are named, and never of another provider's", () => {
    const usageStats = { "p:a": failures, "p:b": failures, "q:of-main": failures };
    const ids = new Set(["p:b", "q:of-main", "p:none"]);
    expect(json(changed(JSON.stringify({ profiles: {}, usageStats }), (draft) => draft.clearUsage("p", ids)))).toMatchObject({
      usageStats: { "p:a": failures, "q:of-main": failures },
    });
    expect(changed(JSON.stringify({ profiles: {}, usageStats }), (draft) => draft.clearUsage("p", new Set()))).toBeUndefined();
  });

  test("nothing is written where there are none, and usageStats goes when it becomes empty", () => {
    expect(changed(JSON.stringify({ ...start, usageStats: { "p:a": { lastUsed: 1 } } }), (draft) => draft.clearUsage("p"))).toBeUndefined();
    expect(changed(JSON.stringify({ ...start, usageStats: [1] }), (draft) => draft.clearUsage("p"))).toBeUndefined();
    const last = JSON.stringify({ ...start, usageStats: { "p:a": failures } });
    expect(json(changed(last, (draft) => draft.clearUsage("p")))).not.toHaveProperty("usageStats");
  });
});

describe("what is not changed", () => {
  test.each(["2", "1.5", "1e400", '"2"', '"next"', "{}"])("need 22: a store of version %s", (version) => {
    const error = errorOf(`{"version":${version},"profiles":{}}`, () => undefined);
    expect(error).toMatchObject({ code: "store-newer", message: expect.stringContaining("/store was written by a newer version") });
  });

  test.each(["1", "1.0", "0", "null", '"1"'])("a store of version %s is", (version) => {
    expect(changed(`{"version":${version},"profiles":{}}`, (draft) => draft.setOrder("p", []))).toBeDefined();
  });

  test("profiles or an order that are no object", () => {
    expect(errorOf('{"profiles":[1]}', () => undefined)).toMatchObject({
      code: "store-malformed",
      message: "/store: profiles is not an object",
    });
    const order = errorOf('{"profiles":{},"order":[1]}', (draft) => draft.setOrder("p", []));
    expect(order).toMatchObject({ code: "store-malformed", message: "/store: order is not an object" });
  });
});

describe("D21: accounts of older files", () => {
  const entry = treeOf('{"type":"oauth","provider":"p","access":"test-access-old","refresh":"test-refresh-old","expires":5,"note":1e400}');
  const legacy = [{ id: "p:default", path: "/old/auth.json", name: "p", entry }];

  test("are written when they are changed, with all they hold, and only those", () => {
    const start = { legacy: [...legacy, { id: "q:default", path: "/old/auth.json", name: "q", entry }] };
    const view = parseAuthStore({ profiles: { "p:default": { type: "oauth", provider: "p", access: "test-access-old" } } });
    const profile = view.profiles.get("p:default");
    if (profile === undefined) throw new Error("no profile");
    const text = changed(start, (draft) => draft.put("p:default", profile));
    expect(text).toContain('"note": 1e400');
    expect([...parseAuthStore(json(text)).profiles.keys()]).toEqual(["p:default"]);
  });

  test("are not removed: the older file would bring them back", () => {
    const error = errorOf({ text: three, legacy }, (draft) => draft.remove("p:default"));
    expect(error).toMatchObject({ code: "legacy-read-only", hint: expect.stringContaining('remove "p" from /old/auth.json') });
  });
});
