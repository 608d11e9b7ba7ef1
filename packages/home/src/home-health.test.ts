import { dirname, join } from "node:path";
import { createFileHealthStore, keepHealth, type HealthRecords } from "@openclaw/key-rotation";
import { createLockFolder } from "@openclaw/secrets";
import { createTempHome, manualClock } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { healthPlaces } from "./health-places.ts";
import { createHomeHealth } from "./home-health.ts";
import { openHome, type Home } from "./home.ts";
import { resolvePaths } from "./paths.ts";

const MINUTE = 60_000;
const CONFIG = ".openclaw/openclaw.json";
const storeOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-profiles.json`;
const stateOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-state.json`;
const key = (name: string) => ({ type: "api_key", provider: "openai", key: `test-key-${name}` });
const clock = manualClock();
const NOW = clock.now();

async function open(files: Readonly<Record<string, string | object>>, env: Readonly<Record<string, string>> = {}) {
  const folder = await createTempHome(files);
  onTestFinished(() => folder.remove());
  const all = { ...folder.env, ...env };
  const home = await openHome({ paths: resolvePaths({ env: all, osHome: folder.path, cwd: folder.path }), env: all, clock });
  return { home, at: (path: string) => join(folder.path, path) };
}

const healthOf = (home: Home) => createHomeHealth(home.current, { clock });
const windowsIn = ({ credentials }: HealthRecords) => Object.fromEntries([...credentials].map(([id, { windows }]) => [id, windows]));

describe("health begins with what the stores remember", () => {
  test("of older versions, with their reasons as those there are", async () => {
    const usageStats = {
      "openai:limited": { cooldownUntil: NOW + MINUTE, cooldownReason: "rate_limit", cooldownModel: "gpt", errorCount: 2, lastUsed: 5 },
      "openai:slow": { cooldownUntil: NOW + MINUTE, cooldownReason: "timeout" },
      "openai:unpaid": { disabledUntil: NOW + 9 * MINUTE, disabledReason: "billing", failureCounts: { billing: 3 } },
      "openai:revoked": { disabledUntil: NOW + 9 * MINUTE, disabledReason: "auth" },
      "openai:ended": { cooldownUntil: NOW, cooldownReason: "rate_limit", lastUsed: 7 },
      "openai:gone": { cooldownUntil: NOW + MINUTE },
    };
    const names = ["limited", "slow", "unpaid", "revoked", "ended", "fresh"];
    const profiles = Object.fromEntries(names.map((name) => [`openai:${name}`, key(name)]));
    const { home, at } = await open({
      [storeOf("main")]: { profiles, usageStats, lastGood: { OpenAI: "openai:fresh", other: "openai:gone" } },
    });
    const records = healthOf(home).records(at(storeOf("main")));
    expect(windowsIn(records)).toEqual({
      "openai:limited": { gpt: { until: NOW + MINUTE, reason: "rate_limit", count: 2 } },
      "openai:slow": { "*": { until: NOW + MINUTE, reason: "rate_limit", count: 1 } },
      "openai:unpaid": { "*": { until: NOW + 9 * MINUTE, reason: "billing", count: 3 } },
      "openai:revoked": { "*": { until: NOW + 9 * MINUTE, reason: "auth_permanent", count: 1 } },
      "openai:ended": {},
    });
    expect(records.credentials.get("openai:limited")?.lastUsed).toBe(5);
    expect(records.lastGood).toEqual({ openai: "openai:fresh" });
  });

  test("so that a request passes over what is cooling", async () => {
    const usageStats = { "openai:a": { cooldownUntil: NOW + MINUTE } };
    const { home } = await open({ [storeOf("main")]: { profiles: { "openai:a": key("a"), "openai:b": key("b") }, usageStats } });
    const health = healthOf(home);
    const plan = home.plan({ provider: "openai", model: "gpt" });
    expect(health.cooling(plan).map(({ id }) => id)).toEqual(["openai:a"]);
    expect(health.peek(plan)?.id).toBe("openai:b");
  });

  test("of what passes requests on to many providers only what is of one model", async () => {
    const relay = (name: string) => ({ ...key(name), provider: "openrouter" });
    const usageStats = {
      "openrouter:a": { cooldownUntil: NOW + MINUTE, disabledUntil: NOW + MINUTE, disabledReason: "billing" },
      "openrouter:b": { cooldownUntil: NOW + MINUTE, cooldownModel: "gpt" },
    };
    const { home, at } = await open({
      [storeOf("main")]: { profiles: { "openrouter:a": relay("a"), "openrouter:b": relay("b") }, usageStats },
    });
    expect(windowsIn(healthOf(home).records(at(storeOf("main"))))).toEqual({
      "openrouter:b": { gpt: { until: NOW + MINUTE, reason: "rate_limit", count: 1 } },
    });
  });

  test("and longer than any window of ours moves no flat plan behind a key once health lets it be tried", async () => {
    const plan = { type: "token", provider: "anthropic", token: "test-token" };
    const paid = { type: "api_key", provider: "anthropic", key: "test-key-one" };
    const { home } = await open({
      [storeOf("main")]: {
        profiles: { "anthropic:plan": plan, "anthropic:paid": paid },
        usageStats: { "anthropic:plan": { cooldownUntil: NOW + 300 * MINUTE } },
      },
    });
    let now = NOW;
    const health = createHomeHealth(home.current, { clock: { now: () => now } });
    const next = () => health.peek(home.plan({ provider: "anthropic", model: "m" }))?.id;
    expect(next()).toBe("anthropic:paid");
    now = NOW + 60 * MINUTE;
    expect(next()).toBe("anthropic:plan");
  });

  test("in the store that holds the profile: main's where an agent reads it through, whoever remembers it", async () => {
    const { home, at } = await open({
      [CONFIG]: { agents: { list: [{ id: "work" }] } },
      [storeOf("main")]: {
        profiles: { "openai:main": key("m"), "openai:both": key("b"), "openai:late": key("l") },
        usageStats: { "openai:main": { cooldownUntil: NOW + MINUTE, lastUsed: 3 }, "openai:late": { cooldownUntil: NOW + 5 * MINUTE } },
      },
      [storeOf("work")]: {
        profiles: { "openai:both": key("w") },
        usageStats: {
          "openai:main": { cooldownUntil: NOW + 5 * MINUTE, lastUsed: 2 },
          "openai:late": { cooldownUntil: NOW + MINUTE },
          "openai:both": { lastUsed: 4 },
        },
      },
    });
    const health = healthOf(home);
    const main = health.records(at(storeOf("main")));
    const latest = { "*": { until: NOW + 5 * MINUTE, reason: "rate_limit", count: 1 } };
    expect(windowsIn(main)).toEqual({ "openai:main": latest, "openai:late": latest });
    expect(main.credentials.get("openai:main")?.lastUsed).toBe(3);
    expect(windowsIn(health.records(at(storeOf("work"))))).toEqual({ "openai:both": {} });
  });

  test("of keys and shared quotas in the file of the default agent", async () => {
    const window = { until: NOW + MINUTE, reason: "rate_limit", count: 1 };
    const state = {
      version: 1,
      credentials: { "#0123abcd": { windows: { gpt: window } }, "bucket:openai:x": { windows: { "*": window } } },
    };
    const elsewhere = { version: 1, credentials: { "#4567cdef": { windows: { "*": window } } } };
    const { home } = await open({
      [CONFIG]: { agents: { list: [{ id: "work" }] } },
      [stateOf("main")]: state,
      [stateOf("work")]: elsewhere,
    });
    expect(windowsIn(healthOf(home).records(undefined))).toEqual({ "#0123abcd": { gpt: window }, "bucket:openai:x": { "*": window } });
  });

  test("and is none where a store is broken, or there is nothing", async () => {
    const broken = await open({ [storeOf("main")]: "{torn" });
    expect(healthOf(broken.home).inspect()).toEqual([]);
    expect(healthOf((await open({})).home).inspect()).toEqual([]);
  });

  test("with the windows of the configuration", async () => {
    const { home } = await open({
      [CONFIG]: { auth: { cooldowns: { billingMaxHours: 1 } } },
      [storeOf("main")]: {
        profiles: { "openai:a": key("a") },
        usageStats: { "openai:a": { disabledUntil: NOW + 600 * MINUTE, disabledReason: "billing" } },
      },
    });
    expect(healthOf(home).inspect()).toMatchObject([{ id: "openai:a", window: { until: NOW + 60 * MINUTE } }]);
  });
});

describe("the files that keep health", () => {
  test("are beside the stores, each once; the default agent's also keeps what has no store", async () => {
    const { home, at } = await open({
      [CONFIG]: {
        agents: {
          list: [
            { id: "work", default: true },
            { id: "twin", agentDir: "~/.openclaw/agents/work/agent" },
          ],
        },
      },
    });
    const files = healthPlaces(home.current);
    expect(files.map(({ store, statePath }) => [store, statePath])).toEqual([
      [at(storeOf("work")), at(stateOf("work"))],
      [undefined, at(stateOf("work"))],
      [at(storeOf("main")), at(stateOf("main"))],
    ]);
    const [ofStore, ofNone, other] = files;
    expect(["#0123abcd", "bucket:openai:x", "ollama:none", "openai:a"].map((id) => [ofStore?.owns?.(id), ofNone?.owns?.(id)])).toEqual([
      [false, true],
      [false, true],
      [false, true],
      [true, false],
    ]);
    expect(other).not.toHaveProperty("owns");
  });

  test("follow OPENCLAW_AGENT_DIR", async () => {
    const { home, at } = await open({}, { OPENCLAW_AGENT_DIR: "/elsewhere/agent" });
    expect(healthPlaces(home.current).map(({ store, statePath }) => [store, statePath])).toEqual([
      ["/elsewhere/agent/auth-profiles.json", "/elsewhere/agent/auth-state.json"],
      [undefined, "/elsewhere/agent/auth-state.json"],
      [at(storeOf("main")), join(dirname(at(storeOf("main"))), "auth-state.json")],
    ]);
  });

  test("every credential of a plan has one", async () => {
    const { home } = await open({
      [storeOf("main")]: { profiles: { "openai:a": key("a") } },
      ".openclaw/.env": "OPENAI_API_KEY=test-key-env",
    });
    const files = healthPlaces(home.current);
    for (const { id, store } of home.plan({ provider: "openai" }).candidates) {
      expect(files.filter((file) => file.store === store && (file.owns?.(id) ?? true))).toHaveLength(1);
    }
  });
});

test("what health learned is kept there, and known to the next who open the home", async () => {
  const folder = await createTempHome({
    [storeOf("main")]: { profiles: { "openai:a": key("a") } },
    ".openclaw/.env": "OPENAI_API_KEY=test-key-env",
  });
  onTestFinished(() => folder.remove());
  const paths = resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path });
  const locks = createLockFolder(join(paths.stateDir, "locks"));
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const errors: unknown[] = [];

  async function start() {
    const home = await openHome({ paths, env: folder.env, clock });
    const health = createHomeHealth(home.current, { clock });
    const files = new Map(
      healthPlaces(home.current).map(({ statePath }) => [statePath, createFileHealthStore({ path: statePath, locks })]),
    );
    const stores = healthPlaces(home.current).flatMap(({ statePath, ...place }) =>
      [files.get(statePath) ?? []].flat().map((at) => ({ ...place, at })),
    );
    const onError = (error: unknown) => errors.push(error);
    return { home, health, keeper: await keepHealth({ health, stores, clock, onError, signal: ending.signal }) };
  }

  const { home, health, keeper } = await start();
  const plan = home.plan({ provider: "openai", model: "gpt" });
  for (const candidate of plan.candidates) {
    const ticket = health.admit(candidate, plan);
    if (ticket) health.settle(ticket, { class: "rate_limit", scope: "model", rule: "test" });
  }
  expect(await keeper.flush()).toBe(true);
  const state: unknown = JSON.parse(await folder.read(stateOf("main")));
  const kept = { windows: { gpt: { until: NOW + 30_000, reason: "rate_limit", count: 1 } } };
  const [profile, bare] = plan.candidates;
  expect(state).toMatchObject({ version: 1, credentials: { [String(profile?.id)]: kept, [String(bare?.id)]: kept } });

  const next = await start();
  expect(next.health.cooling(next.home.plan({ provider: "openai", model: "gpt" }))).toHaveLength(2);
  // Whatever is left to be written is written before the folder goes.
  for (const each of [keeper, next.keeper]) await each.flush({ isLast: true });
  expect(errors).toEqual([]);
});
