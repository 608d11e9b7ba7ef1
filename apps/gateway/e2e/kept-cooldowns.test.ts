import { rename } from "node:fs/promises";
import { join } from "node:path";
import { createFileHealthStore } from "@openclaw/key-rotation";
import { createLockFolder } from "@openclaw/secrets";
import { openaiCompletion, openaiError, type Reply } from "@openclaw/testkit";
import { describe, expect, test, vi } from "vitest";
import { testGateways, type TestGateway, type TestGatewayOptions } from "./test-gateway.ts";

const start = testGateways();
const STATE = ".openclaw/agents/main/agent/auth-state.json";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const ask = { model: "test/m", messages: [{ role: "user", content: "hi" }] };
const fine: Reply = { body: openaiCompletion("hello") };
const limited: Reply = { status: 429, body: openaiError("Rate limit reached"), headers: { "retry-after": "600" } };
const key = (name: string) => ({ type: "api_key", provider: "test", key: `test-key-${name}` });
const profiles = { "test:a": key("a"), "test:b": key("b") };
const provider = { baseUrl: "@PROVIDER@/v1", api: "openai-completions" };

/** A profile that is limited before one that is well. */
const scene = (options: Partial<TestGatewayOptions> = {}) =>
  start({
    store: { version: 1, profiles, order: { test: ["test:a", "test:b"] } },
    replies: { "test-key-a": [limited, { ...fine, repeat: true }], "test-key-b": fine },
    ...options,
  });
const send = ({ post }: TestGateway, model = "test/m") => post("/v1/chat/completions", { ...ask, model });
const keysOf = (gateway: TestGateway) => gateway.provider.keysSeen().map((name) => name.slice("test-key-".length));
const stateOf = async ({ home }: TestGateway, path = STATE) => JSON.parse(await home.read(path)).credentials;
const storeAt = ({ home }: TestGateway) =>
  createFileHealthStore({ path: join(home.path, STATE), locks: createLockFolder(join(home.stateDir, "locks")) });

describe("after a restart", () => {
  test("what was cooling down is cooling down", async () => {
    const gateway = await scene();
    await send(gateway);
    await gateway.restart();
    await send(gateway);
    expect(keysOf(gateway)).toEqual(["a", "b", "b"]);
    expect(await stateOf(gateway)).toMatchObject({ "test:a": { windows: { m: { reason: "rate_limit", count: 1 } } }, "test:b": {} });
    expect((await gateway.home.read(STATE)).includes("test-key")).toBe(false);
  });

  test("keys of the environment too, beside those of the default agent", async () => {
    const gateway = await scene({ store: { version: 1, profiles: {} }, env: { TEST_API_KEYS: "test-key-a test-key-b" } });
    await send(gateway);
    await gateway.restart();
    await send(gateway);
    expect(keysOf(gateway)).toEqual(["a", "b", "b"]);
    expect(Object.keys(await stateOf(gateway))).toEqual([
      expect.stringMatching(/^#[0-9a-f]{8}$/u),
      expect.stringMatching(/^#[0-9a-f]{8}$/u),
    ]);
  });

  test("a window that has ended meanwhile holds nobody back", async () => {
    const gateway = await scene();
    await send(gateway);
    await gateway.gateway.close();
    const state = await gateway.home.read(STATE);
    await gateway.home.write(STATE, state.replace(/"until": \d+/u, '"until": 1000'));
    await gateway.restart();
    await send(gateway);
    expect(keysOf(gateway)).toEqual(["a", "b", "a"]);
  });
});

describe("what others do", () => {
  test("a cooldown that another process clears is cleared here", async () => {
    const gateway = await scene();
    await send(gateway);
    await vi.waitFor(async () => expect(await stateOf(gateway)).toHaveProperty("test:a"), { timeout: 10_000 });
    await storeAt(gateway).update((all) => ({ ...all, credentials: new Map() }));
    await vi.waitFor(() => expect(gateway.gateway.health.inspect()).toEqual([]), { timeout: 10_000 });
    await send(gateway);
    expect(keysOf(gateway)).toEqual(["a", "b", "a"]);
  });

  test("a cooldown that another process met holds here", async () => {
    const gateway = await scene();
    const window = { until: Date.now() + 600_000, reason: "billing", count: 1 };
    await storeAt(gateway).update((all) => ({ ...all, credentials: new Map([["test:a", { windows: { "*": window } }]]) }));
    await vi.waitFor(() => expect(gateway.gateway.health.inspect()).toHaveLength(1), { timeout: 10_000 });
    await send(gateway);
    expect(keysOf(gateway)).toEqual(["b"]);
  });

  test("a credential that is replaced begins anew, in the file too", async () => {
    const gateway = await scene();
    await send(gateway);
    await vi.waitFor(async () => expect(await stateOf(gateway)).toHaveProperty("test:a"), { timeout: 10_000 });
    await gateway.home.write(STORE, { version: 1, profiles: { ...profiles, "test:a": key("new") }, order: { test: ["test:a", "test:b"] } });
    await gateway.gateway.reload();
    gateway.provider.setReplies("test-key-new", fine);
    await send(gateway);
    expect(keysOf(gateway)).toEqual(["a", "b", "new"]);
    await gateway.restart();
    expect((await stateOf(gateway))["test:a"]?.windows ?? {}).toEqual({});
  });

  test("an agent that comes with a reload has its own file, and no cooldown of another's profile of that name", async () => {
    const gateway = await scene({
      config: { agents: { list: [{ id: "main" }], defaults: { model: "test/m" } }, models: { providers: { test: provider } } },
    });
    await send(gateway, "openclaw/main");
    const config = JSON.parse(await gateway.home.read(".openclaw/openclaw.json"));
    await gateway.home.write(".openclaw/agents/ops/agent/auth-profiles.json", { version: 1, profiles: { "test:a": key("ops") } });
    await gateway.home.write(".openclaw/openclaw.json", { ...config, agents: { ...config.agents, list: [{ id: "main" }, { id: "ops" }] } });
    await gateway.gateway.reload();
    gateway.provider.setReplies("test-key-ops", [fine, limited]);
    await send(gateway, "openclaw/ops");
    await send(gateway, "openclaw/ops");
    await gateway.restart();
    await send(gateway, "openclaw/ops");
    expect(keysOf(gateway)).toEqual(["a", "b", "ops", "ops", "b", "b"]);
    expect(await stateOf(gateway, ".openclaw/agents/ops/agent/auth-state.json")).toMatchObject({ "test:a": { windows: { m: {} } } });
  });
});

test("as long as a gateway runs, its order is the one that anybody reads, and the next one begins with who has rested", async () => {
  const gateway = await scene({
    store: { version: 1, profiles },
    replies: { "test-key-a": [fine, limited, fine], "test-key-b": { ...fine, repeat: true } },
  });
  await send(gateway);
  await send(gateway);
  await vi.waitFor(async () => expect(await stateOf(gateway)).toHaveProperty("test:a"), { timeout: 10_000 });
  expect(await stateOf(gateway)).toEqual({ "test:a": { windows: expect.anything() } });
  await storeAt(gateway).update((all) => ({ ...all, credentials: new Map() }));
  await vi.waitFor(() => expect(gateway.gateway.health.inspect()).toEqual([]), { timeout: 10_000 });
  await gateway.gateway.reload();
  await send(gateway);
  expect(keysOf(gateway)).toEqual(["a", "a", "b", "a"]);
  await gateway.restart();
  await send(gateway);
  expect(keysOf(gateway).at(-1)).toBe("b");
});

describe("a file that is no use", () => {
  const told = ({ events }: TestGateway) => events.flatMap((event) => (event.type === "cooldowns-not-kept" ? [event.code] : []));

  test("is told of once, and serving goes on", async () => {
    const gateway = await scene({ files: { [`${STATE}/in-the-way`]: "" } });
    await send(gateway);
    await send(gateway);
    expect(keysOf(gateway)).toEqual(["a", "b", "b"]);
    await gateway.gateway.close();
    expect(told(gateway)).toEqual(["state-unreadable"]);
  });

  test("and is renamed is made anew of what is known, and that is told", async () => {
    const gateway = await scene({ files: { [STATE]: "{" } });
    await send(gateway);
    const path = join(gateway.home.path, STATE);
    await rename(path, `${path}.broken`);
    await vi.waitFor(() => expect(gateway.events.at(-1)).toEqual({ type: "cooldowns-kept", path }), { timeout: 10_000 });
    expect(await stateOf(gateway)).toMatchObject({ "test:a": { windows: { m: { reason: "rate_limit" } } } });
    await gateway.gateway.close();
    expect(gateway.events.map(({ type }) => type).filter((type) => type.startsWith("cooldowns"))).toEqual([
      "cooldowns-not-kept",
      "cooldowns-kept",
    ]);
  });

  test("of a newer version stays as it is", async () => {
    const newer = JSON.stringify({ version: 99, credentials: { "test:a": "something new" } });
    const gateway = await scene({ files: { [STATE]: newer } });
    await send(gateway);
    await gateway.restart();
    expect(told(gateway)[0]).toBe("state-newer");
    expect(await gateway.home.read(STATE)).toBe(newer);
  });
});

test("a gateway that nobody asks anything writes nothing", async () => {
  const gateway = await scene();
  const before = await gateway.home.list();
  await gateway.restart();
  expect(await gateway.home.list()).toEqual(before);
});
