import { createTempHome, type TempHome } from "@openclaw/testkit";
import { Secret } from "@openclaw/secrets";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFileStorage, type ProfileStorage } from "./file-storage.ts";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());

const storage = (): ProfileStorage =>
  createFileStorage({ storePath: join(home.path, "agent/auth-profiles.json"), legacyOAuthPath: join(home.path, "credentials/oauth.json") });

const stored = { version: 1, profiles: { "openai:work": { type: "api_key", provider: "openai", key: "test-key-work" } } };
const legacy = {
  openai: { type: "api_key", provider: "openai", key: "test-key-old" },
  anthropic: { type: "oauth", access: "test-access-old", refresh: "test-refresh-old", expires: 5 },
};
const logins = {
  anthropic: { access: "test-access-older", refresh: "test-refresh-older", expires: 4 },
  "openai-codex": { access: "test-access-codex", refresh: "test-refresh-codex", expires: 6, email: "a@b" },
};

async function writeAll(): Promise<void> {
  await home.write("agent/auth-profiles.json", stored);
  await home.write("agent/auth.json", legacy);
  await home.write("credentials/oauth.json", logins);
}

test("D21: entries of both files are <provider>:default where the store has none, the first file first", async () => {
  await writeAll();
  const { profiles } = await storage().read();
  expect([...profiles].map(([id, { type, provider }]) => [id, type, provider])).toEqual([
    ["openai:work", "api_key", "openai"],
    ["openai:default", "api_key", "openai"],
    ["anthropic:default", "oauth", "anthropic"],
    ["openai-codex:default", "oauth", "openai-codex"],
  ]);
  const anthropic = profiles.get("anthropic:default");
  expect(anthropic?.type === "oauth" && anthropic.access?.reveal()).toBe("test-access-old");
  expect(profiles.get("openai-codex:default")).toMatchObject({ email: "a@b", expires: 6 });
});

test("each is a diagnostic that names its file and no value", async () => {
  await writeAll();
  const { diagnostics } = await storage().read();
  expect(diagnostics.map(({ code, profileId }) => [code, profileId])).toEqual([
    ["LEGACY_PROFILE_ADOPTED", "openai:default"],
    ["LEGACY_PROFILE_ADOPTED", "anthropic:default"],
    ["LEGACY_PROFILE_ADOPTED", "openai-codex:default"],
  ]);
  expect(diagnostics[2]?.message).toContain(join(home.path, "credentials/oauth.json"));
  expect(inspect(diagnostics)).not.toMatch(/test-/);
});

test("the store's own entry wins, even one that cannot be read", async () => {
  await writeAll();
  await home.write("agent/auth-profiles.json", {
    profiles: {
      "openai:default": { type: "passkey" },
      "anthropic:default": { ...legacy.anthropic, provider: "anthropic", access: "test-access-new" },
    },
  });
  const store = await storage().read();
  expect([...store.profiles.keys()]).toEqual(["anthropic:default", "openai-codex:default"]);
  const anthropic = store.profiles.get("anthropic:default");
  expect(anthropic?.type === "oauth" && anthropic.access?.reveal()).toBe("test-access-new");
});

test("D21: reading writes nothing; changing one writes that one, and the older files stay", async () => {
  await writeAll();
  const before = await Promise.all(["agent/auth.json", "credentials/oauth.json"].map((file) => home.read(file)));
  const list = await home.list();
  const files = storage();
  await files.read();
  expect(await home.list()).toEqual(list);

  await files.update((draft) => draft.setTokens("openai-codex:default", { access: Secret.of("test-access-new"), expiresAt: 9 }));
  const written: unknown = JSON.parse(await home.read("agent/auth-profiles.json"));
  expect(written).toEqual({
    ...stored,
    profiles: {
      ...stored.profiles,
      "openai-codex:default": {
        type: "oauth",
        provider: "openai-codex",
        access: "test-access-new",
        refresh: "test-refresh-codex",
        expires: 9,
        email: "a@b",
      },
    },
  });
  expect(await Promise.all(["agent/auth.json", "credentials/oauth.json"].map((file) => home.read(file)))).toEqual(before);
  expect((await files.read()).profiles.size).toBe(4);
});

test("they are seen without a store, and a change of them is seen", async () => {
  await home.write("agent/auth.json", { p: { type: "api_key", key: "test-key-one" } });
  const files = storage();
  const first = await files.read();
  expect([...first.profiles.keys()]).toEqual(["p:default"]);
  expect(await files.read()).toBe(first);
  await home.write("agent/auth.json", { p: { type: "api_key", key: "test-key-one" }, q: { type: "api_key", key: "test-key-two" } });
  expect([...(await files.read()).profiles.keys()]).toEqual(["p:default", "q:default"]);
});

describe("an older file that is no use is a diagnostic, and the store still works", () => {
  test.each([
    ["torn", '{"openai": {"key": "test-canary'],
    ["not an object", "[]"],
    ["empty", ""],
    ["with a name twice", '{"p":{"key":"test-canary"},"p":{}}'],
    ["in UTF-16", Buffer.from("\uFEFF{}", "utf16le").toString("latin1")],
  ])("%s", async (_name, content) => {
    await home.write("agent/auth-profiles.json", stored);
    await home.write("agent/auth.json", content);
    const files = storage();
    const store = await files.read();
    expect([...store.profiles.keys()]).toEqual(["openai:work"]);
    expect(store.diagnostics).toEqual([
      { code: "LEGACY_STORE_IGNORED", message: expect.stringContaining(join(home.path, "agent/auth.json")) },
    ]);
    expect(inspect(store.diagnostics)).not.toMatch(/canary/);
    expect(await files.read()).toBe(store);
  });

  test("a folder in its place", async () => {
    await home.write("agent/auth-profiles.json", stored);
    await mkdir(join(home.path, "agent/auth.json"));
    expect((await storage().read()).diagnostics[0]?.message).toContain("EISDIR");
  });

  test("entries that are no credential are listed as dropped", async () => {
    await home.write("agent/auth.json", { openai: "test-canary", p: { key: "test-canary" }, q: { type: "api_key", key: "test-key-one" } });
    const store = await storage().read();
    expect(store.dropped).toEqual([
      { id: "openai:default", reason: "non_object" },
      { id: "p:default", reason: "invalid_type" },
    ]);
    expect([...store.profiles.keys()]).toEqual(["q:default"]);
    expect(store.diagnostics.map(({ profileId }) => profileId)).toEqual(["q:default"]);
  });
});

test("an update with nothing to change makes no store", async () => {
  await home.write("agent/auth.json", legacy);
  await storage().update((draft) => void draft.store);
  await expect(stat(join(home.path, "agent/auth-profiles.json"))).rejects.toMatchObject({ code: "ENOENT" });
});
