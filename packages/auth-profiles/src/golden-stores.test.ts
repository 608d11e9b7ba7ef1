import { createTempHome } from "@openclaw/testkit";
import { Secret } from "@openclaw/secrets";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createFileStorage } from "./file-storage.ts";
import { parseAuthStore } from "./store.ts";

const golden = new URL("../test/fixtures/", import.meta.url);
const names = await readdir(golden);

/** A store in a home of its own, as a file of that text. */
async function storeOf(name: string) {
  const home = await createTempHome();
  onTestFinished(() => home.remove());
  const text = await readFile(new URL(name, golden), "utf8");
  await home.write("auth-profiles.json", text);
  return { home, text, storage: createFileStorage({ storePath: join(home.path, "auth-profiles.json") }) };
}

test("there is one of each shape", () => {
  expect(names.length).toBeGreaterThanOrEqual(6);
});

test.each(names.filter((name) => !/^(?:newer|flat)/u.test(name)))(
  "need 22: load, save, load of %s: nothing lost, nothing added",
  async (name) => {
    const { home, text, storage } = await storeOf(name);
    const before = await storage.read();
    await storage.update((draft) => {
      draft.put("golden:probe", { type: "api_key", provider: "golden", secret: Secret.of("test-key-golden") });
    });
    await storage.update((draft) => draft.remove("golden:probe"));
    const after = await storage.read();
    expect(after.profiles).toEqual(before.profiles);
    expect({ ...after, profiles: 0 }).toEqual({ ...before, profiles: 0 });
    const saved = await home.read("auth-profiles.json");
    expect(JSON.parse(saved)).toEqual({ version: 1, ...JSON.parse(text) });
    // Every token of the file is there, spelled as it was.
    const tokens = (json: string) => (json.match(/"(?:[^"\\]|\\.)*"|[^\s,:[\]{}]+/g) ?? []).toSorted();
    const added = JSON.parse(text).version === undefined ? ['"version"', "1"] : [];
    expect(tokens(saved)).toEqual([...tokens(text), ...added].toSorted());
  },
);

test.each(names.filter((name) => name.startsWith("newer")))("need 22: %s is read and never written", async (name) => {
  const { home, text, storage } = await storeOf(name);
  expect((await storage.read()).profiles.size).toBeGreaterThan(0);
  await expect(storage.update((draft) => draft.create())).rejects.toMatchObject({ code: "store-newer" });
  expect(await home.read("auth-profiles.json")).toBe(text);
});

test("need 22: the shapes are read as they always were", async () => {
  const profilesOf = async (name: string) =>
    [...parseAuthStore(JSON.parse(await readFile(new URL(name, golden), "utf8"))).profiles].map(([id, { type }]) => `${id} ${type}`);
  expect(await profilesOf("mode-and-apikey.json")).toEqual([
    "openai:default api_key",
    "anthropic:manual token",
    "openai-codex:me@example.com oauth",
  ]);
  expect(await profilesOf("inline-refs.json")).toEqual(["openai:default api_key", "anthropic:manual token", "groq:default api_key"]);
});
