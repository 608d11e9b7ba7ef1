import { manualClock, openaiCompletion, startFakeIdp, type FakeIdp, type Reply } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { GatewayEvent } from "../src/index.ts";
import { testGateways, TOKEN, type TestGateway, type TestGatewayOptions } from "./test-gateway.ts";

const start = testGateways();
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const body = { model: "test/m", messages: [{ role: "user", content: "hi" }] };
const fine: Reply = { body: openaiCompletion("hello") };
const refused: Reply = { status: 401, body: { error: { message: "the token has expired", type: "invalid_request_error" } } };
/** As OpenAI says it, of a token that was right a minute ago. */
const invalid: Reply = { status: 401, body: { error: { message: "Incorrect API key provided", code: "invalid_api_key" } } };
const forbidden: Reply = { status: 403, body: { error: { message: "no access to this model" } } };

const ask = (gateway: TestGateway) => gateway.post("/v1/chat/completions", body);
const keysOf = ({ provider }: TestGateway) => provider.hits.map((hit) => hit.key);
const typesOf = ({ events }: TestGateway) => events.map(({ type }) => type);
const told = (gateway: TestGateway, type: GatewayEvent["type"]) => gateway.events.filter((event) => event.type === type);

describe("need 30: a login whose access is refused before its time", () => {
  let idp: FakeIdp;
  beforeEach(async () => {
    idp = await startFakeIdp();
  });
  afterEach(() => idp.close());

  interface Login extends Partial<TestGatewayOptions> {
    readonly profiles?: object;
    readonly endsInMs?: number;
  }

  async function open(
    { profiles = {}, endsInMs = 3_600_000, ...options }: Login,
    answers: (access: string) => Partial<TestGatewayOptions>,
  ) {
    const { access, refresh } = idp.issue();
    const oauth = { tokenUrl: idp.tokenUrl, clientId: idp.clientId, accountClaim: ["account_id"] };
    const expires = (options.clock?.now() ?? Date.now()) + endsInMs;
    const gateway = await start({
      config: { models: { providers: { test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions", oauth } } } },
      store: {
        profiles: { "test:a": { type: "oauth", provider: "test", access, refresh, expires, accountId: "account-one" }, ...profiles },
      },
      ...options,
      ...answers(access),
    });
    return { gateway, access, refresh };
  }
  const stored = async ({ home }: TestGateway) => JSON.parse(await home.read(STORE)).profiles["test:a"];

  test.each([
    ["401", refused],
    ["401 that calls it invalid", invalid],
  ])("%s: one refresh, one retry, one answer", async (_name, refusal) => {
    const { gateway, access } = await open({ default: fine }, (old) => ({ replies: { [old]: refusal } }));
    const response = await ask(gateway);
    expect([response.status, await response.json()]).toMatchObject([200, { choices: [{ message: { content: "hello" } }] }]);
    expect(keysOf(gateway)).toEqual([access, (await stored(gateway)).access]);
    expect([idp.tokenRequests("refresh_token"), idp.reuses()]).toEqual([1, 0]);
    expect(told(gateway, "renewed")).toMatchObject([{ candidate: { id: "test:a" } }]);
    await ask(gateway);
    expect([keysOf(gateway).at(-1), idp.tokenRequests()]).toEqual([(await stored(gateway)).access, 1]);
  });

  test("8 requests at once make one refresh in all, and each succeeds", async () => {
    const { gateway, access } = await open({ default: fine }, (old) => ({ replies: { [old]: refused } }));
    const responses = await Promise.all(Array.from({ length: 8 }, () => ask(gateway)));
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(keysOf(gateway).filter((key) => key !== access)).toEqual(Array.from({ length: 8 }, () => keysOf(gateway).at(-1)));
    expect([idp.tokenRequests("refresh_token"), idp.reuses()]).toEqual([1, 0]);
  });

  test("refused after the refresh too: the next profile, and no refresh by the requests of the next 30 seconds", async () => {
    const clock = manualClock(Date.now());
    const profiles = { "test:b": { type: "api_key", provider: "test", key: "test-key-next" } };
    const { gateway, access } = await open({ profiles, clock, default: refused }, () => ({ replies: { "test-key-next": fine } }));
    expect((await ask(gateway)).status).toBe(200);
    const { access: fresh } = await stored(gateway);
    expect(keysOf(gateway)).toEqual([access, fresh, "test-key-next"]);
    expect((await ask(gateway)).status).toBe(200);
    expect(keysOf(gateway).slice(3)).toEqual([fresh, "test-key-next"]);
    expect(idp.tokenRequests()).toBe(1);
    clock.advance(30_000);
    expect((await ask(gateway)).status).toBe(200);
    expect([idp.tokenRequests(), keysOf(gateway).length]).toEqual([2, 8]);
  });

  test("a 403 says nothing of the token: no refresh", async () => {
    const { gateway, access } = await open({ default: fine }, (old) => ({ replies: { [old]: forbidden } }));
    expect((await ask(gateway)).status).toBe(403);
    expect([keysOf(gateway), idp.tokenRequests()]).toEqual([[access], 0]);
  });

  test("a refresh that fails leaves the provider's answer, and the stored tokens", async () => {
    idp.script({ reply: { status: 503, headers: { "retry-after": "60" }, body: { error: "temporarily_unavailable" } } });
    const { gateway, access, refresh } = await open({ default: fine }, (old) => ({ replies: { [old]: refused } }));
    const response = await ask(gateway);
    expect([response.status, await response.text()]).toMatchObject([401, expect.stringContaining("the token has expired")]);
    expect(keysOf(gateway)).toEqual([access]);
    expect(told(gateway, "failed")).toMatchObject([{ failure: { status: 401 } }, { failure: { rule: "oauth-unavailable" } }]);
    expect(await stored(gateway)).toMatchObject({ access, refresh });
  });

  test("one that cannot be had is passed by, cools nothing, and alone is answered with what to do and no doubt of the client's token", async () => {
    const profiles = { "test:b": { type: "api_key", provider: "test", key: "test-key-next" } };
    const { gateway, refresh } = await open({ profiles, endsInMs: -1, default: fine }, () => ({}));
    idp.revoke(refresh);
    const alone = await open({ endsInMs: -1, default: fine }, () => ({}));
    idp.revoke(alone.refresh);
    expect((await ask(gateway)).status).toBe(200);
    expect(keysOf(gateway)).toEqual(["test-key-next"]);
    expect(gateway.gateway.health.inspect()).toEqual([]);
    for (let count = 0; count < 2; count += 1) {
      const response = await ask(alone.gateway);
      expect([response.status, await response.json()]).toMatchObject([
        503,
        { error: { code: "oauth_refresh_rejected", message: expect.stringContaining("openclaw models auth login --provider test") } },
      ]);
    }
    expect([keysOf(alone.gateway), alone.gateway.gateway.health.inspect()]).toEqual([[], []]);
  });
});

describe("need 53: a key that a command gives", () => {
  const answer = (key: string) => JSON.stringify({ protocolVersion: 1, values: { "team/key": key } });
  const resolver = `#!/bin/sh
cat > /dev/null
echo run >> "$(dirname "$0")/runs"
cat "$(dirname "$0")/answer.json"
`;
  const ref = { source: "exec", provider: "vault", id: "team/key" };
  const inStore = { profiles: { "test:vault": { type: "api_key", provider: "test", keyRef: ref } } };
  const open = (place: "store" | "configuration", options: Partial<TestGatewayOptions>) =>
    start({
      files: { "bin/resolver": resolver, "bin/answer.json": answer("test-key-old") },
      ...(place === "store" && { store: inStore }),
      config: {
        secrets: {
          providers: {
            vault: { source: "exec", command: "@HOME@/bin/resolver", env: { PATH: "/usr/bin:/bin" }, allowInsecurePath: true },
          },
        },
        models: {
          providers: {
            test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions", ...(place === "configuration" && { apiKey: ref }) },
          },
        },
      },
      ...options,
    });
  const rotate = (gateway: TestGateway, key: string) => gateway.home.write("bin/answer.json", answer(key));
  /** The first run is the start's. */
  const runsOf = async ({ home }: TestGateway) => (await home.read("bin/runs")).trim().split("\n").length - 1;

  test.each(["store", "configuration"] as const)(
    "in the %s: 401, the command runs once, and the new key works from then on",
    async (place) => {
      const gateway = await open(place, { default: fine, replies: { "test-key-old": invalid } });
      await rotate(gateway, "test-key-new");
      const responses = await Promise.all(Array.from({ length: 8 }, () => ask(gateway)));
      expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
      expect(await runsOf(gateway)).toBe(1);
      const before = keysOf(gateway).length;
      expect((await ask(gateway)).status).toBe(200);
      expect(keysOf(gateway).slice(before)).toEqual(["test-key-new"]);
      expect(await runsOf(gateway)).toBe(1);
    },
  );

  test.each(["store", "configuration"] as const)(
    "in the %s: a provider that always refuses it makes one run in 30 seconds, and the key is sent once per request",
    async (place) => {
      const clock = manualClock(Date.now());
      const gateway = await open(place, { default: refused, clock });
      for (let count = 0; count < 3; count += 1) expect((await ask(gateway)).status).toBe(401);
      expect(keysOf(gateway)).toEqual(["test-key-old", "test-key-old", "test-key-old"]);
      expect(await runsOf(gateway)).toBe(1);
      expect(typesOf(gateway)).not.toContain("renewed");
      clock.advance(30_000);
      await rotate(gateway, "test-key-new");
      expect((await ask(gateway)).status).toBe(401);
      expect(keysOf(gateway).slice(3)).toEqual(["test-key-old", "test-key-new"]);
      expect(await runsOf(gateway)).toBe(2);
    },
  );

  test("keeps its last good value when the command fails, says so, and the provider's answer comes back", async () => {
    const gateway = await open("store", { default: refused });
    await gateway.home.write("bin/answer.json", "not json");
    expect((await ask(gateway)).status).toBe(401);
    expect([keysOf(gateway), await runsOf(gateway)]).toEqual([["test-key-old"], 1]);
    const state = await fetch(`${gateway.gateway.url}/api/v1/secrets`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await state.json()).toMatchObject({
      surfaces: [{ path: "profiles.test:vault.key", status: "stale", code: "command-bad-output" }],
    });
  });
});

test.each([
  ["a stored key", { store: { profiles: { "test:a": { type: "api_key", provider: "test", key: "test-key-plain" } } } }],
  ["a key of the environment", { env: { TEST_API_KEY: "test-key-plain" } }],
])("%s that is refused is sent exactly once", async (_name, options) => {
  const gateway = await start({ default: refused, ...options });
  expect((await ask(gateway)).status).toBe(401);
  expect(keysOf(gateway)).toEqual(["test-key-plain"]);
  expect(typesOf(gateway)).not.toContain("renewed");
});
