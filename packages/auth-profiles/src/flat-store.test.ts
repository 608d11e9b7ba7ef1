import { Secret } from "@openclaw/secrets";
import { createTempHome } from "@openclaw/testkit";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { createFileStorage } from "./file-storage.ts";
import { flatEntry } from "./flat-store.ts";
import type { AuthStore } from "./store.ts";

async function storeOf(name: string) {
  const home = await createTempHome();
  onTestFinished(() => home.remove());
  const text = await readFile(new URL(`../test/fixtures/${name}`, import.meta.url), "utf8");
  await home.write("auth-profiles.json", text);
  return { home, text, storage: createFileStorage({ storePath: join(home.path, "auth-profiles.json") }) };
}

const typesIn = (store: AuthStore) => [...store.profiles].map(([id, { type, provider }]) => `${id} ${type} ${provider}`);
const byProvider = ["openai:default api_key openai", "anthropic:default oauth anthropic", "groq:default api_key groq"];

test("34: a store without profiles is read by provider or id, each with a diagnostic and no value", async () => {
  const { storage } = await storeOf("flat-by-provider.json");
  const store = await storage.read();
  expect(typesIn(store)).toEqual(byProvider);
  expect(store.order).toEqual({ openai: ["openai:default"] });
  const login = store.profiles.get("anthropic:default");
  expect(login?.type === "oauth" && [login.access?.reveal(), login.refresh?.reveal(), login.expires]).toEqual([
    "test-access-anthropic",
    "test-refresh-anthropic",
    1_900_000_000_000,
  ]);
  expect(store.diagnostics.filter(({ code }) => code === "STORE_IS_FLAT").map(({ profileId }) => profileId)).toEqual([
    "openai:default",
    "anthropic:default",
    "groq:default",
  ]);
  expect(store.diagnostics[0]?.message).toContain("accounts belong under profiles");
  expect(inspect(store.diagnostics)).not.toMatch(/test-(?:key|access|refresh)/u);
});

test("34: one by id is read with what the ids say; an entry of a newer type is left alone", async () => {
  const { storage } = await storeOf("flat-by-id.json");
  expect(typesIn(await storage.read())).toEqual(["openai:work api_key openai", "anthropic:manual token anthropic"]);
});

test("D21: reading a flat store, and an update that changes nothing, leave it as it is", async () => {
  const { home, text, storage } = await storeOf("flat-by-provider.json");
  await storage.read();
  await storage.update((draft) => typesIn(draft.store));
  expect(await home.read("auth-profiles.json")).toBe(text);
  expect((await home.list()).filter((file) => file.endsWith(".json"))).toEqual(["auth-profiles.json"]);
});

test.each(["flat-by-provider.json", "flat-by-id.json"])(
  "22: the first change of %s moves every account under profiles and loses no token of the file",
  async (name) => {
    const { home, text, storage } = await storeOf(name);
    const before = await storage.read();
    await storage.update((draft) => {
      draft.put("golden:probe", { type: "api_key", provider: "golden", secret: Secret.of("test-key-golden") });
    });
    await storage.update((draft) => draft.remove("golden:probe"));
    const after = await storage.read();
    expect(after.profiles).toEqual(before.profiles);
    expect(after.diagnostics.filter(({ code }) => code === "STORE_IS_FLAT")).toEqual([]);
    const saved = await home.read("auth-profiles.json");
    const left = (saved.match(/"(?:[^"\\]|\\.)*"|[^\s,:[\]{}]+/gu) ?? []).toSorted();
    const ids = new Set(before.profiles.keys());
    const names = [...ids].map((id) => JSON.stringify(id.replace(/:default$/u, "")));
    // A provider at the top has become the id of an account, and is still named in it.
    const wanted = (text.match(/"(?:[^"\\]|\\.)*"|[^\s,:[\]{}]+/gu) ?? []).filter((token) => !names.includes(token));
    expect(left).toEqual(expect.arrayContaining(wanted));
    expect(JSON.parse(saved).profiles).toMatchObject(Object.fromEntries([...ids].map((id) => [id, { provider: expect.any(String) }])));
  },
);

test("a flat account can be removed, and stays removed", async () => {
  const { home, storage } = await storeOf("flat-by-provider.json");
  expect(await storage.update((draft) => draft.remove("openai:default"))).toBe(true);
  expect(typesIn(await storage.read())).toEqual(byProvider.slice(1));
  expect(JSON.parse(await home.read("auth-profiles.json"))).toMatchObject({ notes: { by: "me" }, profiles: { "groq:default": {} } });
});

test("where there are profiles, what stands beside them is no account", async () => {
  const { home, storage } = await storeOf("flat-by-id.json");
  await home.write("auth-profiles.json", { profiles: {}, openai: { type: "api_key", key: "test-key-openai" } });
  expect(typesIn(await storage.read())).toEqual([]);
});

describe("what looks like an account", () => {
  test.each([
    ["by its type", "p", { type: "token" }, "p:default"],
    ["by a key", "p", { key: "test-key-one" }, "p:default"],
    ["by a reference", "p", { keyRef: { source: "env", id: "A" } }, "p:default"],
    ["under a name of its own", "work", { provider: "p", token: "test-token-one" }, "p:work"],
    ["not a text", "p", "test-key-one", undefined],
    ["not a newer type", "p", { type: "passkey", key: "test-key-one" }, undefined],
    ["not an object of something else", "p", { name: "x" }, undefined],
    ["not the order", "order", { token: "test-token-one" }, undefined],
  ])("%s", (_name, name, entry, id) => expect(flatEntry(name, entry)?.id).toBe(id));
});
