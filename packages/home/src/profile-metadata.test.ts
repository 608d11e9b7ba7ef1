import { stat } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseConfig } from "./config.ts";
import { resolvePaths } from "./paths.ts";
import { forgetProfile, profilePlaces, recordProfile } from "./profile-metadata.ts";

const CONFIG = ".openclaw/openclaw.json";
const stamp = { version: "1.2.3", at: new Date(Date.UTC(2026, 0, 2)) };
const meta = { lastTouchedVersion: "1.2.3", lastTouchedAt: "2026-01-02T00:00:00.000Z" };

async function homeWith(config?: string | object) {
  const home = await createTempHome(config === undefined ? {} : { [CONFIG]: config });
  onTestFinished(() => home.remove());
  const paths = resolvePaths({ env: home.env, osHome: home.path, cwd: home.path });
  const read = async () => parseConfig(await home.read(CONFIG), CONFIG);
  return { home, paths, read };
}

const token = { provider: "anthropic", mode: "token", stamp } as const;
const profiles = (...ids: readonly (readonly [id: string, provider: string, mode: string])[]) =>
  Object.fromEntries(ids.map(([id, provider, mode]) => [id, { provider, mode }]));

describe("recording a profile", () => {
  test("makes a configuration that only its owner reads, where there is none", async () => {
    const { home, paths } = await homeWith();
    await recordProfile({ paths, id: "anthropic:manual", ...token });
    expect(JSON.parse(await home.read(CONFIG))).toEqual({
      auth: { profiles: { "anthropic:manual": { provider: "anthropic", mode: "token" } } },
      meta,
    });
    expect((await stat(join(home.path, CONFIG))).mode & 0o777).toBe(0o600);
  });

  test("keeps comments, unknown sections and the odd spelling of the rest", async () => {
    const text = "// mine\n{\n  channels: { telegram: { enabled: true } }, // kept\n  auth: { profiles: {} },\n}\n";
    const { home, paths, read } = await homeWith(text);
    await recordProfile({ paths, id: "anthropic:manual", ...token });
    const after = await home.read(CONFIG);
    expect(after).toContain("// mine\n{\n  channels: { telegram: { enabled: true } }, // kept\n");
    expect((await read()).auth?.profiles).toEqual(profiles(["anthropic:manual", "anthropic", "token"]));
  });

  test.each<[string, object, object | undefined]>([
    ["the first of its provider: no order", {}, undefined],
    ["others of the same mode: no order", { profiles: profiles(["anthropic:a", "anthropic", "token"]) }, undefined],
    [
      "others of another mode: the new one before all others",
      {
        profiles: profiles(["anthropic:a", "anthropic", "api_key"], ["anthropic:b", "anthropic", "token"], ["openai:a", "openai", "oauth"]),
      },
      { anthropic: ["anthropic:manual", "anthropic:a", "anthropic:b"] },
    ],
    ["an order: the new one to its front", { order: { anthropic: ["anthropic:a"] } }, { anthropic: ["anthropic:manual", "anthropic:a"] }],
    [
      "an order with it: to its front, once",
      { order: { anthropic: ["anthropic:a", "anthropic:manual"] } },
      { anthropic: ["anthropic:manual", "anthropic:a"] },
    ],
    ["an empty order: it alone", { order: { anthropic: [] } }, { anthropic: ["anthropic:manual"] }],
    [
      "orders under two spellings: one, under the known one",
      { order: { Anthropic: ["anthropic:a"], openai: ["openai:a"], anthropic: ["anthropic:b"] } },
      { openai: ["openai:a"], anthropic: ["anthropic:manual", "anthropic:a", "anthropic:b"] },
    ],
  ])("%s", async (_name, auth, order) => {
    const { paths, read } = await homeWith({ auth });
    await recordProfile({ paths, id: "anthropic:manual", ...token });
    expect((await read()).auth?.order).toEqual(order);
  });

  test("54: an alias of a provider is the provider", async () => {
    const { home, paths } = await homeWith({ auth: { order: { "z.ai": ["zai:a"] } } });
    await recordProfile({ paths, id: "zai:manual", provider: "Z-AI", mode: "token", stamp });
    expect(JSON.parse(await home.read(CONFIG)).auth).toEqual({
      order: { zai: ["zai:manual", "zai:a"] },
      profiles: profiles(["zai:manual", "zai", "token"]),
    });
  });

  test("changes provider and mode of an entry that is there, and keeps what else it says", async () => {
    const entry = { provider: "openai", mode: "api_key", displayName: "Mine" };
    const { home, paths } = await homeWith({ auth: { profiles: { "anthropic:manual": entry } } });
    await recordProfile({ paths, id: "anthropic:manual", ...token, email: "a@example.com" });
    expect(JSON.parse(await home.read(CONFIG)).auth.profiles["anthropic:manual"]).toEqual({
      provider: "anthropic",
      mode: "token",
      displayName: "Mine",
      email: "a@example.com",
    });
  });

  test("leaves a configuration it cannot read as it is, and says where", async () => {
    const { home, paths } = await homeWith("{ auth: {\n oops");
    await expect(recordProfile({ paths, id: "anthropic:manual", ...token })).rejects.toMatchObject({ code: "config-invalid" });
    expect(await home.read(CONFIG)).toBe("{ auth: {\n oops");
  });

  test("26: of many who record at once nobody is lost", async () => {
    const { paths, read } = await homeWith({});
    const ids = Array.from({ length: 8 }, (_, index) => `anthropic:n${index}`);
    await Promise.all(ids.map((id) => recordProfile({ paths, id, ...token })));
    expect(Object.keys((await read()).auth?.profiles ?? {}).toSorted()).toEqual(ids);
  });
});

describe("forgetting a profile", () => {
  test("32: takes it out of the profiles and every order, and says so", async () => {
    const auth = {
      profiles: profiles(["anthropic:a", "anthropic", "token"], ["anthropic:b", "anthropic", "token"]),
      order: { anthropic: ["anthropic:a", "anthropic:b"], openai: ["anthropic:a"] },
    };
    const { home, paths, read } = await homeWith({ auth });
    expect(profilePlaces(await read(), "anthropic:a")).toEqual(["auth.profiles.anthropic:a", "auth.order.anthropic", "auth.order.openai"]);
    expect(await forgetProfile({ paths, id: "anthropic:a", stamp })).toBe(true);
    expect(JSON.parse(await home.read(CONFIG))).toEqual({
      auth: { profiles: profiles(["anthropic:b", "anthropic", "token"]), order: { anthropic: ["anthropic:b"] } },
      meta,
    });
  });

  test("an order that kept others out goes on to do so", async () => {
    const auth = { profiles: profiles(["anthropic:b", "anthropic", "token"]), order: { anthropic: ["anthropic:a"] } };
    const { paths, read } = await homeWith({ auth });
    await forgetProfile({ paths, id: "anthropic:a", stamp });
    expect((await read()).auth?.order).toEqual({ anthropic: [] });
  });

  test.each([
    ["no configuration", undefined],
    ["a configuration without it", { auth: { profiles: {} } }],
  ])("changes nothing with %s", async (_name, config) => {
    const { home, paths } = await homeWith(config);
    const before = config && (await home.read(CONFIG));
    expect(await forgetProfile({ paths, id: "anthropic:a", stamp })).toBe(false);
    expect(before && (await home.read(CONFIG))).toBe(before);
    expect((await home.list()).filter((file) => file.endsWith("openclaw.json"))).toHaveLength(config ? 1 : 0);
  });
});
