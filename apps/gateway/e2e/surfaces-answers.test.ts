import { anthropicMessage, openaiCompletion, openaiError } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { surfaceSamples } from "./surface-samples.ts";
import { testGateways } from "./test-gateway.ts";

const start = testGateways();
const clientToken = "test-client-token-0123456789abcdef0123456789ab";
const asClient = { authorization: `Bearer ${clientToken}` };
const limited = { status: 429, body: openaiError("Rate limit reached", "requests", "rate_limit_exceeded") };
const ok = { body: openaiCompletion("ok") };
const provider = { baseUrl: "@PROVIDER@/v1", api: "openai-completions" };
const apiKey = (key: string, of = "test") => ({ type: "api_key", provider: of, key });

/** The headers of the gateway's own. */
function ownHeaders({ headers }: Response): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith("x-openclaw-") && name !== "x-openclaw-request-id"));
}

describe("an answer says with what it was had", () => {
  const client = { some: { token: clientToken } };
  const config = { gateway: { clients: client }, models: { providers: { test: provider } } };
  const store = { profiles: { "test:me+you@exämple.com\u2026%": apiKey("test-key-one") } };
  const env = { TEST_API_KEY: "test-key-two" };

  test("to the operator by name, fit for a header whatever the profile is called", async () => {
    const { post } = await start({ config, store, env, replies: { "test-key-one": ok } });
    const response = await post("/v1/chat/completions", { model: "test/m" });
    expect(ownHeaders(response)).toEqual({
      "x-openclaw-attempts": "1",
      "x-openclaw-credential": expect.stringMatching(/^#[0-9a-f]{8}$/u),
      "x-openclaw-credential-class": "metered",
      "x-openclaw-credential-origin": "profile test:me+you@ex%C3%A4mple.com%E2%80%A6%25",
    });
    expect(response.headers.get("x-openclaw-request-id")).not.toBeNull();
  });

  test("to a client by fingerprint alone", async () => {
    const { post } = await start({ config, store, env, replies: { "test-key-one": ok } });
    const admin = await post("/v1/chat/completions", { model: "test/m" });
    const response = await post("/v1/chat/completions", { model: "test/m" }, asClient);
    const { "x-openclaw-credential-origin": _origin, ...others } = ownHeaders(admin);
    expect(ownHeaders(response)).toEqual(others);
    expect(JSON.stringify([...response.headers])).not.toContain("me+you");
  });

  test("with the credentials of all models that were asked for it", async () => {
    const { post, requests } = await start({
      config: {
        ...config,
        agents: { defaults: { model: { primary: "test/m", fallbacks: ["other/n"] } } },
        models: { providers: { test: provider, other: provider } },
      },
      env: { TEST_API_KEYS: "test-key-one test-key-two", OTHER_API_KEYS: "test-key-three test-key-four" },
      replies: { "test-key-one": limited, "test-key-two": limited, "test-key-three": limited, "test-key-four": ok },
    });
    const response = await post("/v1/chat/completions", { model: "openclaw" });
    expect(ownHeaders(response)).toMatchObject({ "x-openclaw-attempts": "4", "x-openclaw-credential-origin": "OTHER_API_KEYS[2]" });
    await response.text();
    await post("/v1/chat/completions", { model: "test/m" }, { "x-openclaw-model": "nobody/x" });
    expect(requests).toMatchObject([
      {
        status: 200,
        model: "other/n",
        attempts: 4,
        credential: response.headers.get("x-openclaw-credential"),
        credentialClass: "metered",
      },
      { status: 404 },
    ]);
  });

  test.each(Object.entries(surfaceSamples))("on every surface: %s", async (_name, { path, ask, provider: own, answer, limit }) => {
    const { post } = await start({
      config: { models: { providers: { test: own } } },
      env: { TEST_API_KEYS: "test-key-one test-key-two" },
      replies: {
        "test-key-one": { status: 429, body: limit, headers: { "x-openclaw-attempts": "99", "x-openclaw-else": "x" } },
        "test-key-two": { body: answer },
      },
    });
    expect(ownHeaders(await post(path, ask))).toEqual({
      "x-openclaw-attempts": "2",
      "x-openclaw-credential": expect.stringMatching(/^#[0-9a-f]{8}$/u),
      "x-openclaw-credential-class": "metered",
      "x-openclaw-credential-origin": "TEST_API_KEYS[2]",
    });
  });
});

describe("x-openclaw-agent-id", () => {
  const config = {
    agents: { defaults: { model: "test/default" }, list: [{ id: "main" }, { id: "ops", model: "test/ops" }] },
    models: { providers: { test: provider } },
  };
  const files = {
    ".openclaw/agents/ops/agent/auth-profiles.json": JSON.stringify({
      version: 1,
      profiles: { "test:ops": apiKey("test-key-ops") },
      order: { test: ["test:ops"] },
    }),
  };
  const setUp = () => start({ config, files, store: { profiles: { "test:main": apiKey("test-key-main") } }, default: ok });

  test.each([
    ["openclaw", "ops", "ops", "test-key-ops"],
    ["openclaw/default", "ops", "ops", "test-key-ops"],
    ["test/m", "ops", "m", "test-key-ops"],
    ["openclaw/main", "ops", "default", "test-key-main"],
    ["openclaw/ops", "main", "ops", "test-key-ops"],
    ["openclaw", "", "default", "test-key-main"],
  ])("for %s with %j: the model %s and the account %s", async (model, agentId, asked, key) => {
    const { post, provider: upstream } = await setUp();
    expect((await post("/v1/chat/completions", { model }, { "x-openclaw-agent-id": agentId })).status).toBe(200);
    const hit = await upstream.waitForHit();
    expect([JSON.parse(hit.body.toString()).model, hit.key]).toEqual([asked, key]);
    expect(hit.headers).not.toHaveProperty("x-openclaw-agent-id");
  });

  test("of nobody is a 404 that says so", async () => {
    const { post, provider: upstream } = await setUp();
    const response = await post("/v1/chat/completions", { model: "openclaw" }, { "x-openclaw-agent-id": "nobody" });
    expect([response.status, await response.json()]).toMatchObject([404, { error: { code: "agent_not_found" } }]);
    expect(upstream.hits).toEqual([]);
  });
});

describe("T9: a client uses what it may", () => {
  const rules = { models: ["test/m", "other/*"], profiles: ["test:hers"] };
  const config = {
    agents: { defaults: { model: { primary: "test/m", fallbacks: ["test/secret", "other/n"] } } },
    gateway: { clients: { some: { token: clientToken, ...rules }, all: { token: `${clientToken}-two` } } },
    models: { providers: { test: provider, other: provider } },
  };
  const store = { profiles: { "test:his": apiKey("test-key-his"), "test:hers": apiKey("test-key-hers") } };
  const env = { TEST_API_KEY: "test-key-env", OTHER_API_KEY: "test-key-other" };
  const setUp = () => start({ config, store, env, default: ok });
  const path = "/v1/chat/completions";

  test("which is its profiles alone: neither another's, nor a key of the environment", async () => {
    const { post, provider: upstream } = await setUp();
    upstream.setReplies("test-key-hers", limited);
    expect((await post(path, { model: "test/m" }, asClient)).status).toBe(429);
    expect(upstream.keysSeen()).toEqual(["test-key-hers"]);
    expect((await post(path, { model: "test/m" })).status).toBe(200);
    expect(upstream.keysSeen()).toEqual(["test-key-hers", "test-key-his"]);
  });

  test("whose cooldown it shares with everybody, for it is the same credential", async () => {
    const { post, provider: upstream } = await setUp();
    upstream.setReplies("test-key-hers", { ...limited, headers: { "retry-after": "60" } });
    await post(path, { model: "test/m" }, asClient);
    const response = await post(path, { model: "test/m" }, asClient);
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "60"]);
    expect(await response.json()).toMatchObject({ error: { code: "all_cooling" } });
    expect(upstream.hits).toHaveLength(1);
  });

  test("a model that is not for it is a 403 that names those that are", async () => {
    const { post, provider: upstream } = await setUp();
    const response = await post(path, { model: "test/secret" }, asClient);
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toMatchObject([403, { error: { code: "model_not_allowed" } }]);
    expect(text).toContain("it may use test/m, other/n");
    expect(text).not.toContain("hers");
    expect((await post(path, { model: "test/m" }, { ...asClient, "x-openclaw-model": "test/secret" })).status).toBe(403);
    expect(upstream.hits).toEqual([]);
  });

  test("a fallback that is not for it is passed over", async () => {
    const { post, provider: upstream } = await start({
      config: { ...config, gateway: { clients: { some: { token: clientToken, models: rules.models } } } },
      env,
      default: limited,
    });
    await post(path, { model: "openclaw" }, asClient);
    expect(upstream.hits.map((hit) => JSON.parse(hit.body.toString()).model)).toEqual(["m", "n"]);
  });

  test("a provider of which it may use no credential is a 403", async () => {
    const { post, provider: upstream } = await setUp();
    const response = await post(path, { model: "other/n" }, asClient);
    expect([response.status, await response.json()]).toMatchObject([403, { error: { code: "profile_not_allowed" } }]);
    expect(upstream.hits).toEqual([]);
  });

  test.each(["test:his", "test:nobody", "other:x"])("a pin of %s is a 403, whether there is such a profile or not", async (profile) => {
    const { post, provider: upstream } = await setUp();
    const response = await post(path, { model: `test/m@${profile}` }, asClient);
    expect([response.status, await response.json()]).toMatchObject([403, { error: { code: "profile_not_allowed" } }]);
    expect(upstream.hits).toEqual([]);
    expect((await post(path, { model: "test/m@test:hers" }, asClient)).status).toBe(200);
  });

  test("one without rules uses everything", async () => {
    const { post, provider: upstream } = await setUp();
    await post(path, { model: "test/m" }, { authorization: `Bearer ${clientToken}-two` });
    expect(upstream.keysSeen()).toEqual(["test-key-his"]);
  });
});

describe("a model that is named as its vendor names it", () => {
  const config = {
    models: {
      providers: { anthropic: { baseUrl: "@PROVIDER@" }, google: { baseUrl: "@PROVIDER@/v1beta" }, openai: { baseUrl: "@PROVIDER@/v1" } },
    },
  };
  const env = { ANTHROPIC_API_KEY: "test-key-a", GEMINI_API_KEY: "test-key-g", OPENAI_API_KEY: "test-key-o" };

  test.each([
    ["/v1/messages?beta=true", { model: "claude-sonnet-4-5-20250929", max_tokens: 1 }, "test-key-a"],
    ["/v1/messages/count_tokens", { model: "claude-haiku-4-5@20251001" }, "test-key-a"],
    ["/v1/chat/completions", { model: "gpt-5" }, "test-key-o"],
    ["/v1/responses", { model: "gpt-5-codex" }, "test-key-o"],
    ["/v1/embeddings", { model: "text-embedding-3-small" }, "test-key-o"],
    ["/v1beta/models/gemini-3-pro:generateContent", {}, "test-key-g"],
  ])("%s", async (path, body, key) => {
    const { post, provider: upstream } = await start({ config, env, default: { body: anthropicMessage("hi") } });
    expect((await post(path, body)).status).toBe(200);
    expect(upstream.keysSeen()).toEqual([key]);
    expect(upstream.hits[0]?.body.toString()).toBe(JSON.stringify(body));
  });

  test("is not found where there is no key for it", async () => {
    const { post } = await start({ config, env: {} });
    const response = await post("/v1/messages", { model: "claude-x" });
    expect([response.status, await response.json()]).toMatchObject([404, { error: { type: "not_found_error" } }]);
  });
});

describe("what cannot be served says what would", () => {
  const config = {
    models: {
      providers: {
        groq: provider,
        anthropic: { baseUrl: "@PROVIDER@" },
        google: { baseUrl: "@PROVIDER@/v1beta" },
        openai: provider,
        voyage: { baseUrl: "@PROVIDER@" },
      },
    },
  };
  const env = {
    GROQ_API_KEY: "test-key-one",
    ANTHROPIC_API_KEY: "test-key-one",
    GEMINI_API_KEY: "test-key-one",
    VOYAGE_API_KEY: "test-key-one",
  };

  test.each([
    ["/v1/chat/completions", "anthropic/x", "send the request to /v1/messages"],
    ["/v1/embeddings", "anthropic/x", "this version of the gateway cannot serve it"],
    ["/v1/messages", "groq/x", "send the request to /v1/chat/completions or /v1/responses"],
    ["/v1/messages", "google/x", "send the request to /v1/chat/completions or /v1beta/models/{model}:generateContent"],
    ["/v1/messages/count_tokens", "google/x", "send the request to /v1beta/models/{model}:countTokens"],
    ["/v1/responses", "google/x", "send the request to /v1/chat/completions or"],
    ["/v1/embeddings", "groq/x", "groq has nothing like /v1/embeddings"],
    ["/v1/chat/completions", "voyage/x", "this version of the gateway cannot serve it"],
  ])("%s with %s", async (path, model, text) => {
    const { post, provider: upstream } = await start({ config, env });
    const response = await post(path, { model });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(text);
    expect(upstream.hits).toEqual([]);
  });

  test("of Gemini's, in Google's shape", async () => {
    const { post } = await start({ config, env });
    const response = await post("/v1beta/models/anthropic/x:generateContent", {});
    expect([response.status, await response.json()]).toMatchObject([
      400,
      {
        error: {
          code: 400,
          status: "INVALID_ARGUMENT",
          message: expect.stringContaining("/v1/messages"),
          details: [{ reason: "DIALECT_MISMATCH" }],
        },
      },
    ]);
  });

  test.each(Object.entries(surfaceSamples))(
    "a provider without a credential is not the client's fault: %s",
    async (_name, { path, ask, provider: own }) => {
      const { post } = await start({ config: { models: { providers: { test: own } } } });
      const response = await post(path, ask);
      expect(response.status).toBe(503);
      expect(await response.text()).toContain("set TEST_API_KEY");
      expect(response.headers.get("x-should-retry")).toBe("false");
    },
  );
});
