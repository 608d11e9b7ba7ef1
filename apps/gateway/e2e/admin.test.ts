import { Validator } from "@seriousme/openapi-schema-validator";
import { openaiCompletion, type Reply } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { routes } from "../src/routes/index.ts";
import { adminApi } from "./admin-api.ts";
import { testGateways, TOKEN, type TestGateway, type TestGatewayOptions } from "./test-gateway.ts";

const start = testGateways();

const fine: Reply = { body: openaiCompletion("hello") };
const limited: Reply = { status: 429, body: { error: { message: "rate limit" } } };
const WORK = "test:a+b@example.com/x";
const store = {
  version: 1,
  profiles: {
    "test:home": { type: "api_key", provider: "test", key: "test-key-home" },
    [WORK]: { type: "api_key", provider: "test", key: "test-key-work", email: "a@example.com" },
    "test:old": { type: "token", provider: "test", token: "test-token-old", expires: 1000 },
    "other:x": { type: "api_key", provider: "openai", key: "test-key-other" },
  },
};
const CLIENT = "test-client-token-0123456789abcdef0123456789";
const config = {
  models: { providers: { test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions" } } },
  agents: { defaults: { model: { primary: "test/m", fallbacks: ["nonsense"] } }, list: [{ id: "second" }] },
  gateway: { clients: { app: { token: CLIENT } } },
};
const STATE = ".openclaw/agents/main/agent/auth-state.json";
const chat = { model: "test/m", messages: [{ role: "user", content: "hi" }] };

const open = (options: Partial<TestGatewayOptions> = {}) =>
  start({ config, store, env: { TEST_API_KEY: "test-key-env" }, default: fine, ...options });

describe("the OpenAPI document", () => {
  test("is valid, and describes every route below /api and no other", async () => {
    const { body } = await adminApi(await open())("GET", "/api/v1/openapi.json");
    const validator = new Validator();
    const document = z.record(z.string(), z.unknown()).parse(body);
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
    const paths = z.record(z.string(), z.record(z.string(), z.unknown())).parse(document["paths"]);
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = routes
      .filter(({ path }) => path.startsWith("/api/"))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/gu, "{$1}")}`);
    expect(described.toSorted()).toEqual(served.toSorted());
  });

  test("names what is told several times once", async () => {
    const { body } = await adminApi(await open())("GET", "/api/v1/openapi.json");
    expect(body).toMatchObject({
      components: { schemas: { Credential: {}, Window: {}, Error: {}, Profile: {}, Reload: {}, Session: {} } },
    });
    expect(JSON.stringify(body)).not.toContain("$defs");
  });
});

const apiRoutes = routes.filter(({ path }) => path.startsWith("/api/"));
const pathOf = (path: string) => path.replace(":id", "x").replace(":provider", "test");

describe.each(apiRoutes.map(({ method, path }) => [method, path] as const))("%s %s", (method, path) => {
  test("is for the gateway's own token alone, and takes no other method", async () => {
    const gateway = await open();
    const ask = (headers: Record<string, string>, as: string = method) =>
      fetch(`${gateway.gateway.url}${pathOf(path)}`, { method: as, headers });
    const json = { "content-type": "application/json" };
    const codeOf = async (response: Response) => [
      response.status,
      z.object({ error: z.object({ code: z.string() }) }).parse(await response.json()).error.code,
    ];

    expect(await codeOf(await ask(json))).toEqual([401, "unauthorized"]);
    expect(await codeOf(await ask({ ...json, authorization: "Bearer test-wrong" }))).toEqual([401, "unauthorized"]);
    expect(await codeOf(await ask({ ...json, authorization: `Bearer ${CLIENT}` }))).toEqual([403, "forbidden"]);
    const own = { authorization: `Bearer ${TOKEN}` };
    expect(await codeOf(await ask({ ...json, ...own }, "PATCH"))).toEqual([405, "method_not_allowed"]);
  });
});

const changing = apiRoutes.filter(({ method }) => method !== "GET").map(({ method, path }) => [method, path] as const);

test.each(changing)("%s %s takes no other type than JSON", async (method, path) => {
  const { gateway } = await open();
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "text/plain" };
  const response = await fetch(`${gateway.url}${pathOf(path)}`, { method, headers });
  expect([response.status, await response.json()]).toMatchObject([415, { error: { code: "unsupported_media_type" } }]);
});

/** What the log has a line of, by whom. */
const changesOf = ({ events }: TestGateway) =>
  events.flatMap((event) => (event.type === "admin-change" ? [[event.operation, event.by, event.what]] : []));

describe("what is no valid question", () => {
  test.each<[string, string, string, unknown, string]>([
    ["no JSON", "PUT", "/api/v1/order/test", "{", "no valid JSON"],
    ["an unknown field", "PUT", "/api/v1/order/test", { order: ["test:home"], key: "x" }, 'unknown field \\"key\\"'],
    ["an unknown field of a request that takes nothing", "POST", "/api/v1/secrets/reload", { now: 1 }, 'unknown field \\"now\\"'],
    ["a prototype", "POST", "/api/v1/health/clear", '{"all":true,"__proto__":{"a":1}}', "__proto__"],
    ["a list", "POST", "/api/v1/health/clear", "[]", "expected object"],
    ["the wrong type", "PUT", "/api/v1/order/test", { order: [5] }, "order.0"],
    ["nothing where something is needed", "PUT", "/api/v1/order/test", undefined, 'not as it should be: \\"order\\" is missing'],
    ["an empty order", "PUT", "/api/v1/order/test", { order: [] }, "order"],
    ["two things at once", "POST", "/api/v1/health/clear", { all: true, provider: "test" }, "exactly one"],
    ["nothing to clear of", "POST", "/api/v1/health/clear", {}, "exactly one"],
    ["an unknown parameter", "GET", "/api/v1/status?agnet=main", undefined, 'unknown field \\"agnet\\"'],
    ["a parameter twice", "GET", "/api/v1/status?agent=main&agent=main", undefined, "twice"],
    ["an unknown event", "GET", "/api/v1/events?types=nonsense", undefined, "types"],
  ])("%s is a 400 that says why", async (_name, method, path, body, text) => {
    const answer = await adminApi(await open())(method, path, body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(text);
  });

  test("a body beyond 64 KiB is a 413", async () => {
    const answer = await adminApi(await open())("PUT", "/api/v1/order/test", { order: ["x".repeat(70_000)] });
    expect(answer).toMatchObject({ status: 413, body: { error: { code: "body_too_large" } } });
  });

  test.each(["__proto__", "constructor", "..%2F..%2Fetc", "%00%1B%5B31m", "a".repeat(900), "%F0%9F%94%91", "%E0%A4%A", "a%20b"])(
    "an account called %s is a 404 and nothing else",
    async (id) => {
      const api = adminApi(await open());
      const answers = [await api("GET", `/api/v1/profiles/${id}`), await api("GET", `/api/v1/sessions/${id.slice(0, 190)}`)];
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    },
  );

  test.each(["__proto__", "constructor", "%00", "..%2F.."])("an order of the provider %s is none", async (provider) => {
    const api = adminApi(await open());
    expect(await api("GET", `/api/v1/order/${provider}`)).toMatchObject({ status: 200, body: { order: null } });
    expect(await api("PUT", `/api/v1/order/${provider}`, { order: ["test:home"] })).toMatchObject({ status: 400 });
    expect(await api("DELETE", `/api/v1/order/${provider}`)).toMatchObject({ status: 200, body: { order: null } });
  });

  test("an id of two thousand letters is a 400 that does not repeat it", async () => {
    const answer = await adminApi(await open())("GET", `/api/v1/profiles/${"a".repeat(2000)}`);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body).length).toBeLessThan(400);
  });

  test("an agent that is none is a 404", async () => {
    expect(await adminApi(await open())("GET", "/api/v1/status?agent=nobody")).toMatchObject({
      status: 404,
      body: { error: { code: "unknown_agent" } },
    });
  });
});

describe("GET /api/v1/status", () => {
  test("says what serves, and what a request would use", async () => {
    const gateway = await open({ replies: { "test-key-work": limited } });
    const api = adminApi(gateway);
    const before = await api("GET", "/api/v1/status");
    expect(before).toMatchObject({
      status: 200,
      body: {
        version: "unknown",
        generation: 1,
        readiness: { isReady: true },
        defaultAgent: "main",
        agents: [{ id: "main" }, { id: "second" }],
        agent: "main",
        models: [
          { role: "default", model: "test/m", next: { id: "test:home" } },
          { role: "fallback", name: "nonsense", next: null, problem: "neither an alias nor provider/model" },
        ],
      },
    });
    expect(providerOf(before.body, "test")).toMatchObject({
      next: { id: "test:home" },
      credentials: [
        { id: "test:home", kind: "profile", billing: "metered", agent: "main", health: { status: "static" }, windows: [], inFlight: 0 },
        { id: WORK },
        { kind: "key", origin: "TEST_API_KEY" },
        { id: "test:old", excluded: "expired", health: { status: "expired", access: "expired", reasonCode: "expired" } },
      ],
    });
    expect(providerOf(before.body, "openai")).toMatchObject({ next: { id: "other:x" } });
  });

  test("says when the first credential recovers where none can be tried", async () => {
    const gateway = await open({ default: limited });
    await gateway.post("/v1/chat/completions", chat);
    const { body } = await adminApi(gateway)("GET", "/api/v1/status");
    expect(body).toMatchObject({ models: [{ model: "test/m", next: null, retryAt: expect.any(Number) }, {}] });
    // A limit is for the model it was met with.
    expect(providerOf(body, "test")).toMatchObject({ next: { id: "test:home" } });
  });

  test("a store that is broken is told, and the others go on", async () => {
    const gateway = await open({ files: { ".openclaw/agents/second/agent/auth-profiles.json": "{" } });
    const api = adminApi(gateway);
    expect(await api("GET", "/api/v1/status")).toMatchObject({
      status: 200,
      body: { agents: [{ id: "main" }, { id: "second", problem: expect.stringContaining("auth-profiles.json") }] },
    });
    expect(await api("GET", "/api/v1/status?agent=second")).toMatchObject({
      status: 200,
      body: { agent: "second", providers: [], models: [{ next: null }, {}] },
    });
    expect(await api("GET", "/api/v1/profiles?agent=second")).toMatchObject({ status: 503, body: { error: { code: "store_malformed" } } });
  });
});

describe("GET /api/v1/profiles", () => {
  test("lists accounts with their health and no secret, also what is read through to main for", async () => {
    const { status, body } = await adminApi(await open())("GET", "/api/v1/profiles?agent=second&provider=test");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      agent: "second",
      profiles: [{ id: WORK, agent: "main", email: "a@example.com" }, { id: "test:home" }, { id: "test:old", type: "token" }],
    });
  });

  test("takes an id with @, + and / in it, percent-encoded", async () => {
    const { status, body } = await adminApi(await open())("GET", `/api/v1/profiles/${encodeURIComponent(WORK)}`);
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ id: WORK, fingerprint: expect.stringMatching(/^#[0-9a-f]{8}$/u), type: "api_key", provider: "test" }),
    ]);
  });

  test("names what is like an id that is not there", async () => {
    const { status, body } = await adminApi(await open())("GET", "/api/v1/profiles/test:hme");
    expect([status, body]).toEqual([
      404,
      { error: { code: "profile_not_found", message: expect.any(String), hint: "there is test:home" } },
    ]);
  });
});

describe("/api/v1/order", () => {
  test("is what the next request goes by, and stands in the store", async () => {
    const gateway = await open();
    const api = adminApi(gateway);
    expect(await api("GET", "/api/v1/order/TEST")).toMatchObject({ status: 200, body: { provider: "test", order: null, agentId: "main" } });
    expect(await api("PUT", "/api/v1/order/test", { order: [WORK, WORK] })).toMatchObject({ status: 200, body: { order: [WORK] } });
    await gateway.post("/v1/chat/completions", chat);
    expect(gateway.provider.hits.map(({ key }) => key)).toEqual(["test-key-work"]);
    expect(JSON.parse(await gateway.home.read(".openclaw/agents/main/agent/auth-profiles.json"))).toMatchObject({
      order: { test: [WORK] },
    });

    expect(await api("DELETE", "/api/v1/order/test")).toMatchObject({ status: 200, body: { order: null } });
    expect(await api("DELETE", "/api/v1/order/test")).toMatchObject({ status: 200, body: { order: null } });
    await gateway.post("/v1/chat/completions", chat);
    expect(gateway.provider.hits.map(({ key }) => key)).toEqual(["test-key-work", "test-key-home"]);
    const cleared = "order of test (agent main): the configured or usual one";
    expect(changesOf(gateway)).toEqual([
      ["setOrder", "admin", `order of test (agent main): ${WORK}`],
      ["clearOrder", "admin", cleared],
      ["clearOrder", "admin", cleared],
    ]);
  });

  test.each([
    ["test:nobody", 404, "profile_not_found"],
    ["other:x", 400, "invalid_request"],
  ])("refuses %s, and changes nothing", async (id, status, code) => {
    const gateway = await open();
    const before = await gateway.home.read(".openclaw/agents/main/agent/auth-profiles.json");
    expect(await adminApi(gateway)("PUT", "/api/v1/order/test", { order: ["test:home", id] })).toMatchObject({
      status,
      body: { error: { code } },
    });
    expect(await gateway.home.read(".openclaw/agents/main/agent/auth-profiles.json")).toBe(before);
  });
});

describe("/api/v1/health", () => {
  test("tells what cools down and what is in use, and forgets it", async () => {
    const gateway = await open({ replies: { "test-key-home": limited } });
    const api = adminApi(gateway);
    expect(await api("GET", "/api/v1/health")).toMatchObject({ body: { credentials: [] } });
    await gateway.post("/v1/chat/completions", chat);
    const window = { model: "m", state: "cooling", reason: "rate_limit", count: 1 };
    expect(await api("GET", "/api/v1/health")).toMatchObject({
      status: 200,
      body: { credentials: [{ id: "test:home", kind: "profile", provider: "test", agent: "main", inFlight: 0, windows: [window] }] },
    });

    expect(await api("POST", "/api/v1/health/clear", { id: "test:home", model: "another" })).toMatchObject({
      status: 200,
      body: { cleared: [] },
    });
    expect(await api("POST", "/api/v1/health/clear", { provider: "test", model: "test/m" })).toMatchObject({
      status: 200,
      body: { what: "test", cleared: [{ id: "test:home", agent: "main", window }] },
    });
    expect(await api("GET", "/api/v1/health")).toMatchObject({ body: { credentials: [] } });
    expect(await api("POST", "/api/v1/health/clear", { all: true })).toMatchObject({ status: 200, body: { cleared: [] } });
    expect(changesOf(gateway)).toEqual([["clearHealth", "admin", "cooldowns cleared: test, for test/m (1)"]]);
  });

  test("what was cleared is not cooling after a restart either, and is tried by the next request", async () => {
    const gateway = await open({ replies: { "test-key-home": limited } });
    await gateway.post("/v1/chat/completions", chat);
    await gateway.restart();
    expect(await gateway.home.read(STATE)).toContain("rate_limit");
    await adminApi(gateway)("POST", "/api/v1/health/clear", { id: "test:home" });
    expect(await gateway.home.read(STATE)).not.toContain("rate_limit");
    await gateway.restart();
    expect(await adminApi(gateway)("GET", "/api/v1/health")).toMatchObject({ body: { credentials: [] } });
    await gateway.post("/v1/chat/completions", chat);
    expect(gateway.provider.hits.filter(({ key }) => key === "test-key-home").length).toBe(2);
  });

  test("tells what requests are under way with", async () => {
    const { promise: after, resolve: answer } = Promise.withResolvers<void>();
    const gateway = await open({ default: { ...fine, after } });
    const asked = gateway.post("/v1/chat/completions", chat);
    await gateway.provider.waitForHit();
    expect(await adminApi(gateway)("GET", "/api/v1/health")).toMatchObject({
      body: { credentials: [{ id: "test:home", inFlight: 1, windows: [] }] },
    });
    answer();
    await (await asked).text();
  });

  test.each([
    ["test:hme", "there is test:home"],
    ["TEST_API_KEYS[9]", "TEST_API_KEY"],
  ])("%s is a 404 with what is like it", async (id, hint) => {
    const { status, body } = await adminApi(await open())("POST", "/api/v1/health/clear", { id });
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: { code: "unknown_credential", hint: expect.stringContaining(hint) } });
  });
});

describe("POST /api/v1/config/reload", () => {
  test("says what changed, by place and name", async () => {
    const gateway = await open({ files: { ".openclaw/.env": "SOME=one\n" } });
    const api = adminApi(gateway);
    expect(await api("POST", "/api/v1/config/reload", {})).toMatchObject({
      status: 200,
      body: { ok: true, config: [], env: [], profiles: { added: [] } },
    });
    const changed = { ...JSON.parse(await gateway.home.read(".openclaw/openclaw.json")), auth: { pins: "prefer" } };
    await gateway.home.write(".openclaw/openclaw.json", JSON.stringify(changed));
    await gateway.home.write(".openclaw/.env", "SOME=two\n");
    await gateway.home.write(".openclaw/agents/main/agent/auth-profiles.json", {
      version: 1,
      profiles: { "test:home": store.profiles["test:home"] },
    });
    const { status, body } = await api("POST", "/api/v1/config/reload");
    expect(status).toBe(200);
    // Whoever follows the files may have been faster with some of it.
    expect(body).toMatchObject({ ok: true, outcome: "swapped" });
    expect(JSON.stringify(body)).not.toContain("two");
    expect(await api("GET", "/api/v1/profiles")).toMatchObject({ body: { profiles: [{ id: "test:home" }] } });
  });

  test("keeps everything where a file is broken, and says what to mend", async () => {
    const gateway = await open();
    const api = adminApi(gateway);
    await gateway.home.write(".openclaw/openclaw.json", '{ "auth": { "nonsense": 1 } }');
    expect(await api("POST", "/api/v1/config/reload")).toMatchObject({
      status: 503,
      body: { error: { code: "reload_failed", message: expect.stringContaining("auth.nonsense") } },
    });
    expect(await (await gateway.post("/v1/chat/completions", chat)).text()).toContain("hello");
  });
});

function providerOf(body: unknown, name: string): unknown {
  const { providers } = z.object({ providers: z.array(z.looseObject({ provider: z.string() })) }).parse(body);
  return providers.find(({ provider }) => provider === name);
}

test("no answer of any operation shows a key", async () => {
  const gateway = await open({ replies: { "test-key-home": limited } });
  await gateway.post("/v1/chat/completions", chat);
  const api = adminApi(gateway);
  const answers = [];
  for (const path of ["status", "profiles", "health", "secrets", "sessions", "openapi.json", "order/test"])
    answers.push(await api("GET", `/api/v1/${path}`));
  answers.push(await api("POST", "/api/v1/config/reload"), await api("POST", "/api/v1/health/clear", { all: true }));
  expect(JSON.stringify(answers)).not.toMatch(/test-(?:key|token|client|gateway)-/u);
});
