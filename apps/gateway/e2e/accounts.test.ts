import { rename } from "node:fs/promises";
import { join } from "node:path";
import { openaiCompletion, startFakeIdp, type FakeIdp, type Reply } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { GatewayEvent } from "../src/index.ts";
import { testGateways, type TestGateway } from "./test-gateway.ts";

const start = testGateways();
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const body = { model: "test/m", messages: [{ role: "user", content: "hi" }] };
const fine: Reply = { body: openaiCompletion("hello") };
const limited: Reply = { status: 429, body: { error: { message: "rate limit" } } };
const key = (name: string) => ({ type: "api_key", provider: "test", key: `test-key-${name}` });

const ask = (gateway: TestGateway) => gateway.post("/v1/chat/completions", body);
const keysOf = ({ provider }: TestGateway) => provider.hits.map((hit) => hit.key);
const told = (gateway: TestGateway, type: GatewayEvent["type"]) => gateway.events.filter((event) => event.type === type);
const heard = (gateway: TestGateway, type: GatewayEvent["type"], count = 1) =>
  vi.waitFor(() => expect(told(gateway, type).length).toBeGreaterThanOrEqual(count), { timeout: 10_000, interval: 10 });

/** As every careful writer does. */
async function store({ home }: Pick<TestGateway, "home">, profiles: object): Promise<void> {
  await home.write(`${STORE}.tmp`, { profiles });
  await rename(join(home.path, `${STORE}.tmp`), join(home.path, STORE));
}

describe("a store that changes under a running gateway", () => {
  test("is what the next request uses", async () => {
    const gateway = await start({ default: fine, store: { profiles: { "test:a": key("one") } } });
    await ask(gateway);
    await store(gateway, { "test:a": key("two") });
    await heard(gateway, "accounts");
    await ask(gateway);
    expect(keysOf(gateway)).toEqual(["test-key-one", "test-key-two"]);
    expect(told(gateway, "accounts")).toMatchObject([{ replaced: ["test:a"], added: [], removed: [] }]);
  });

  test("lets a key that took the place of a limited one begin with a clean record, and no other", async () => {
    const replies = { "test-key-one": limited, "test-key-other": limited };
    const profiles = { "test:a": key("one"), "test:b": key("other"), "test:c": key("last") };
    const gateway = await start({ default: fine, replies, store: { profiles } });
    await ask(gateway);
    await store(gateway, { ...profiles, "test:a": key("two") });
    await heard(gateway, "accounts");
    await ask(gateway);
    expect(keysOf(gateway)).toEqual(["test-key-one", "test-key-other", "test-key-last", "test-key-two"]);
  });

  test("is not taken over where it is broken", async () => {
    const gateway = await start({ default: fine, store: { profiles: { "test:a": key("one") } } });
    await gateway.home.write(STORE, "{torn");
    await heard(gateway, "reload-failed");
    expect((await ask(gateway)).status).toBe(200);
    expect(JSON.stringify(told(gateway, "reload-failed"))).not.toContain("torn");
    await store(gateway, { "test:a": key("mended") });
    await heard(gateway, "reload-recovered");
    expect(told(gateway, "accounts")).toHaveLength(1);
    await ask(gateway);
    expect(keysOf(gateway)).toEqual(["test-key-one", "test-key-mended"]);
  });
});

test("a key in .env that changes counts without a restart", async () => {
  const gateway = await start({ default: fine, files: { ".openclaw/.env": "TEST_API_KEY=test-key-one" } });
  await ask(gateway);
  await gateway.home.write(".openclaw/.env", "TEST_API_KEY=test-key-two");
  await heard(gateway, "secrets");
  await ask(gateway);
  expect(keysOf(gateway)).toEqual(["test-key-one", "test-key-two"]);
  expect(told(gateway, "secrets")).toMatchObject([{ read: "home", config: [], env: ["TEST_API_KEY"] }]);
});

test.each([
  ["the files are followed", async () => {}],
  ["it is asked to reload, as by SIGHUP", async ({ gateway }: TestGateway) => void (await gateway.reload())],
])("a key and a model in openclaw.json that change are told by their places: %s", async (_name, then) => {
  const gateway = await start({ default: fine });
  const config = JSON.parse(await gateway.home.read(".openclaw/openclaw.json"));
  config.models.providers.test.apiKey = "test-key-new";
  config.agents = { defaults: { model: "test/m" } };
  await gateway.home.write(".openclaw/openclaw.json", JSON.stringify(config));
  await then(gateway);
  await heard(gateway, "secrets");
  expect(told(gateway, "secrets")[0]).toMatchObject({ read: "home", config: ["agents", "models.providers.test"], env: [] });
});

describe("a login", () => {
  let idp: FakeIdp;
  beforeEach(async () => {
    idp = await startFakeIdp();
  });
  afterEach(() => idp.close());

  const open = (endsInMs: number) => {
    const { access, refresh } = idp.issue();
    const oauth = { tokenUrl: idp.tokenUrl, clientId: idp.clientId, accountClaim: ["account_id"] };
    return start({
      default: fine,
      config: { models: { providers: { test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions", oauth } } } },
      store: {
        profiles: {
          "test:login": { type: "oauth", provider: "test", access, refresh, expires: Date.now() + endsInMs, accountId: "account-one" },
        },
      },
    });
  };
  const stored = async ({ home }: TestGateway) => JSON.parse(await home.read(STORE)).profiles["test:login"];

  test("is refreshed ahead of its end, once, without a request waiting for it", async () => {
    const gateway = await open(60_000);
    await heard(gateway, "login-refreshed");
    await ask(gateway);
    expect(keysOf(gateway)).toEqual([(await stored(gateway)).access]);
    expect([idp.tokenRequests("refresh_token"), idp.reuses()]).toEqual([1, 0]);
    await store(gateway, { "test:login": await stored(gateway), "test:z": key("spare") });
    await heard(gateway, "accounts");
    await ask(gateway);
    expect(told(gateway, "accounts")).toMatchObject([{ added: ["test:z"], replaced: [] }]);
    expect([idp.tokenRequests(), keysOf(gateway).at(-1)]).toEqual([1, (await stored(gateway)).access]);
  });

  test("that has ended is refreshed for the request that needs it, once for all of them", async () => {
    const gateway = await open(-1);
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(gateway)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(new Set(keysOf(gateway))).toEqual(new Set([(await stored(gateway)).access]));
    expect([idp.tokenRequests("refresh_token"), idp.reuses()]).toEqual([1, 0]);
  });

  test("whose provider says no is told once, and answered with what to do", async () => {
    const gateway = await open(-1);
    await heard(gateway, "login-refreshed");
    const { refresh } = await stored(gateway);
    idp.revoke(refresh);
    await store(gateway, { "test:login": { ...(await stored(gateway)), expires: Date.now() - 1 } });
    const answer = await vi.waitFor(
      async () => {
        const last = await ask(gateway);
        expect(last.status).toBe(503);
        return last;
      },
      { timeout: 10_000 },
    );
    expect(JSON.stringify(await answer.json())).toContain("openclaw models auth login --provider test");
    expect(idp.reuses()).toBe(0);
  });
});
