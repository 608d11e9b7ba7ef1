import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openHome, type Home } from "./home.ts";
import { resolvePaths } from "./paths.ts";

const CONFIG = ".openclaw/openclaw.json";
const storeOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-profiles.json`;
const key = (name: string) => ({ type: "api_key", provider: "openai", key: `test-key-${name}` });

async function open(files: Readonly<Record<string, string | object>>): Promise<{ home: Home; path: string }> {
  const folder = await createTempHome(files);
  onTestFinished(() => folder.remove());
  const paths = resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path });
  return { home: await openHome({ paths, env: folder.env }), path: folder.path };
}

test("a plan has the very same list until an account changes, for each agent its own", async () => {
  const { home, path } = await open({
    [CONFIG]: { agents: { list: [{ id: "work" }] } },
    ".openclaw/.env": "OPENAI_API_KEYS=test-key-1,test-key-2",
    [storeOf("main")]: { profiles: { "openai:main": key("main") } },
    [storeOf("work")]: { profiles: { "openai:work": key("work") } },
  });
  const list = (agentId?: string, profileId?: string) =>
    home.plan({ provider: "OpenAI", model: "gpt", ...(agentId && { agentId }), ...(profileId && { profileId }) }).candidates;
  for (const args of [[], ["work"], ["work", "openai:main"]]) expect(list(...args)).toBe(list(...args));
  expect(list("work").map(({ origin }) => origin)).toEqual([
    "profile openai:main",
    "profile openai:work",
    "OPENAI_API_KEYS[1]",
    "OPENAI_API_KEYS[2]",
  ]);
  const before = list();
  await writeFile(join(path, storeOf("main")), JSON.stringify({ profiles: { "openai:other": key("other") } }));
  await home.reloadAccounts();
  expect(list()).not.toBe(before);
  expect(list()[0]?.id).toBe("openai:other");
});

test("a profile says which file holds it, also where an agent reads it through", async () => {
  const { home, path } = await open({
    [CONFIG]: { agents: { list: [{ id: "work" }] } },
    [storeOf("main")]: { profiles: { "openai:main": key("main"), "openai:both": key("both") } },
    [storeOf("work")]: { profiles: { "openai:both": key("work") } },
  });
  const stores = (agentId: string) =>
    Object.fromEntries(home.plan({ provider: "openai", agentId }).candidates.map(({ id, store }) => [id, store]));
  expect(stores("main")).toEqual({ "openai:main": join(path, storeOf("main")), "openai:both": join(path, storeOf("main")) });
  expect(stores("work")).toEqual({ "openai:main": join(path, storeOf("main")), "openai:both": join(path, storeOf("work")) });
});

test("a key that a file gives is in another list once it was renewed to another value, and in the same one otherwise", async () => {
  const keys = join(".openclaw", "keys.json");
  const { home, path } = await open({
    [CONFIG]: {
      models: { providers: { openai: { apiKey: { source: "file", provider: "keys", id: "/openai" } } } },
      secrets: { providers: { keys: { source: "file", path: "~/.openclaw/keys.json" } } },
    },
    [keys]: { openai: "test-key-one" },
  });
  const list = () => home.plan({ provider: "openai" }).candidates;
  const before = list();
  expect(before).toHaveLength(1);
  await home.renew();
  expect(list()).toBe(before);
  await mkdir(join(path, ".openclaw"), { recursive: true });
  await writeFile(join(path, keys), JSON.stringify({ openai: "test-key-two" }), { mode: 0o600 });
  await home.renew();
  expect(list()[0]?.id).not.toBe(before[0]?.id);
});

test("what the configuration says of pins, crossings, strategies and credentials is in the plans, and how pins count on the snapshot", async () => {
  const { home } = await open({
    [CONFIG]: {
      auth: {
        pins: "prefer",
        billingCrossing: "allow",
        order: { openai: ["openai:plan", "openai:main"] },
        strategies: { openai: { strategy: "most-headroom", window: "7d" } },
        credentials: { "openai:main": { bucket: "project-1" } },
      },
    },
    [storeOf("main")]: {
      profiles: { "openai:plan": { type: "token", provider: "openai", token: "test-token" }, "openai:main": key("main") },
    },
  });
  expect(home.current.pins).toBe("prefer");
  expect(home.plan({ provider: "openai" })).toMatchObject({
    candidates: [{ id: "openai:plan" }, { id: "openai:main", bucket: "project-1" }],
    strategy: "most-headroom",
    headroomWindow: "7d",
  });
  expect(home.plan({ provider: "openai", profileId: "openai:main" }).candidates.map(({ id }) => id)).toEqual([
    "openai:main",
    "openai:plan",
  ]);
  expect((await open({})).home.current.pins).toBe("strict");
});
