import { manualClock, openaiCompletion, openaiError, openaiStream, sseEvent } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { testGateways } from "./test-gateway.ts";

const start = testGateways();

const threeKeys = { TEST_API_KEYS: "test-key-one,test-key-two test-key-three" };
const ask = { model: "test/some-model", messages: [{ role: "user", content: "hi" }] };
const limited = { status: 429, body: openaiError("Rate limit reached", "requests", "rate_limit_exceeded") };

describe("keys of the environment", () => {
  test("a rate limit moves to the next key, each key once", async () => {
    const { post, provider, events } = await start({
      env: threeKeys,
      replies: { "test-key-one": [limited], "test-key-two": [limited], "test-key-three": [{ body: openaiCompletion("from three") }] },
    });
    const response = await post("/v1/chat/completions", ask);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(openaiCompletion("from three"));
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two", "test-key-three"]);
    expect(events.filter((event) => event.type === "rotated")).toHaveLength(2);
  });

  test.each([
    [400, openaiError("bad request")],
    [401, openaiError("Incorrect API key provided", "invalid_request_error", "invalid_api_key")],
    [402, openaiError("Insufficient credits", "billing", "insufficient_credits")],
    [403, openaiError("forbidden")],
    [404, openaiError("no such model", "invalid_request_error", "model_not_found")],
    [500, openaiError("The server had an error", "server_error")],
    [503, openaiError("overloaded", "overloaded_error")],
  ])("a %i comes back unchanged after one hit", async (status, body) => {
    const { post, provider } = await start({
      env: threeKeys,
      replies: { "test-key-one": [{ status, body, headers: { "x-request-id": "req_test" } }] },
    });
    const response = await post("/v1/chat/completions", ask);
    expect(response.status).toBe(status);
    expect(response.headers.get("x-request-id")).toBe("req_test");
    expect(await response.json()).toEqual(body);
    expect(provider.keysSeen()).toEqual(["test-key-one"]);
  });

  test("a connection that is cut is a 5xx of the gateway after one hit", async () => {
    const { post, provider } = await start({ env: threeKeys, replies: { "test-key-one": { beforeHeaders: "destroy" } } });
    const response = await post("/v1/chat/completions", ask);
    expect(response.status).toBeGreaterThanOrEqual(502);
    expect(provider.keysSeen()).toEqual(["test-key-one"]);
  });

  test("a long Retry-After rotates at once, and the key is left alone until it ends", async () => {
    const clock = manualClock();
    const { post, provider } = await start({
      clock,
      env: { TEST_API_KEYS: "test-key-one test-key-two" },
      replies: {
        "test-key-one": [{ ...limited, headers: { "retry-after": "1800" } }, { body: openaiCompletion("from one") }],
        "test-key-two": { body: openaiCompletion("from two"), repeat: true },
      },
    });
    const texts = async () => JSON.stringify(await (await post("/v1/chat/completions", ask)).json());
    expect(await texts()).toContain("from two");
    clock.advance(1_799_000);
    expect(await texts()).toContain("from two");
    clock.advance(2_000);
    expect(await texts()).toContain("from one");
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two", "test-key-two", "test-key-one"]);
  });

  test("when all are limited the last answer comes back with the earliest recovery, then the gateway answers itself", async () => {
    const clock = manualClock();
    const { post, provider } = await start({
      clock,
      env: { TEST_API_KEYS: "test-key-one test-key-two" },
      replies: {
        "test-key-one": [{ ...limited, headers: { "retry-after": "10" } }],
        "test-key-two": [{ ...limited, headers: { "retry-after": "40" } }],
      },
    });
    const first = await post("/v1/chat/completions", ask);
    expect(first.status).toBe(429);
    expect(first.headers.get("retry-after")).toBe("10");
    expect(await first.json()).toEqual(limited.body);

    const second = await post("/v1/chat/completions", ask);
    expect(second.status).toBe(429);
    expect(second.headers.get("retry-after")).toBe("10");
    const body = JSON.stringify(await second.json());
    expect(body.match(/#[0-9a-f]{8} for \d+ s/gu)).toHaveLength(2);
    expect(body).toContain("rate_limit_error");
    expect(body).not.toContain("test-key");
    expect(provider.hits).toHaveLength(2);
  });

  test("a limit on one model leaves the key usable for another", async () => {
    const { post, provider } = await start({
      env: { TEST_API_KEYS: "test-key-one test-key-two" },
      replies: {
        "test-key-one": [{ ...limited, headers: { "retry-after": "60" } }, { body: openaiCompletion("other model") }],
        "test-key-two": [{ body: openaiCompletion("two") }],
      },
    });
    await post("/v1/chat/completions", ask);
    await post("/v1/chat/completions", { ...ask, model: "test/other-model" });
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two", "test-key-one"]);
  });

  test("a lone key without a hint is not held back", async () => {
    const { post, provider } = await start({
      env: { TEST_API_KEY: "test-key-one" },
      replies: { "test-key-one": [limited, { body: openaiCompletion("again") }] },
    });
    expect((await post("/v1/chat/completions", ask)).status).toBe(429);
    expect((await post("/v1/chat/completions", ask)).status).toBe(200);
    expect(provider.hits).toHaveLength(2);
  });
});

describe("streams", () => {
  test("a stream that begins with a rate limit moves to the next key", async () => {
    const { post, provider } = await start({
      env: threeKeys,
      replies: {
        "test-key-one": [{ stream: [": keep-alive\n\n", sseEvent(openaiError("Rate limit reached", "requests", "rate_limit_exceeded"))] }],
        "test-key-two": [{ stream: openaiStream(["Hello", " there"]) }],
      },
    });
    const response = await post("/v1/chat/completions", { ...ask, stream: true });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(openaiStream(["Hello", " there"]).join(""));
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
  });

  test("an error after the first content is passed on and nothing is sent again", async () => {
    const chunks = [...openaiStream(["Hello"]).slice(0, 2), sseEvent(openaiError("Rate limit reached", "requests", "rate_limit_exceeded"))];
    const { post, provider } = await start({ env: threeKeys, replies: { "test-key-one": [{ stream: chunks }] } });
    const response = await post("/v1/chat/completions", { ...ask, stream: true });
    expect(await response.text()).toBe(chunks.join(""));
    expect(provider.keysSeen()).toEqual(["test-key-one"]);
  });
});

test("an answer that is not handed on is let go, so that it holds no connection", async () => {
  const { post, provider } = await start({
    env: threeKeys,
    replies: {
      "test-key-one": [{ stream: [sseEvent(openaiError("Rate limit reached", "requests", "rate_limit_exceeded"))], afterHeaders: "hang" }],
      "test-key-two": [{ stream: openaiStream(["Hello"]) }],
    },
  });
  expect((await post("/v1/chat/completions", { ...ask, stream: true })).status).toBe(200);
  await provider.waitForAborted();
});

describe("profiles", () => {
  const profile = (key: string) => ({ type: "api_key", provider: "test", key });
  const store = { version: 1, profiles: { "test:a": profile("test-key-a"), "test:b": profile("test-key-b") } };

  test.each([
    ["auth", 401, openaiError("Incorrect API key provided", "invalid_request_error", "invalid_api_key")],
    ["billing", 402, openaiError("Insufficient credits", "billing", "insufficient_credits")],
    ["overload", 529, openaiError("overloaded", "overloaded_error")],
    ["rate limit", 429, limited.body],
  ])("%s moves to the next profile, then to the environment's keys", async (_name, status, body) => {
    const { post, provider } = await start({
      store,
      env: { TEST_API_KEY: "test-key-env" },
      replies: { "test-key-a": [{ status, body }], "test-key-b": [{ status, body }], "test-key-env": [{ body: openaiCompletion("env") }] },
    });
    expect((await post("/v1/chat/completions", ask)).status).toBe(200);
    expect(provider.keysSeen()).toEqual(["test-key-a", "test-key-b", "test-key-env"]);
  });

  test.each([400, 500])("a %i does not move on", async (status) => {
    const { post, provider } = await start({ store, replies: { "test-key-a": [{ status, body: openaiError("no") }] } });
    expect((await post("/v1/chat/completions", ask)).status).toBe(status);
    expect(provider.keysSeen()).toEqual(["test-key-a"]);
  });

  test("an explicit order ends the stream at its profiles", async () => {
    const { post, provider } = await start({
      store: { ...store, order: { test: ["test:b"] } },
      env: { TEST_API_KEY: "test-key-env" },
      replies: { "test-key-b": [limited] },
    });
    expect((await post("/v1/chat/completions", ask)).status).toBe(429);
    expect(provider.keysSeen()).toEqual(["test-key-b"]);
  });
});

describe("fallback models", () => {
  const config = {
    agents: { defaults: { model: { primary: "test/first", fallbacks: ["other/second"] } } },
    models: {
      providers: {
        test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions" },
        other: { baseUrl: "@PROVIDER@/other", api: "openai-completions" },
      },
    },
  };
  const env = { TEST_API_KEY: "test-key-one", OTHER_API_KEY: "test-key-other" };

  test.each([429, 401, 402, 500, 503, 529, 404])("follow a %i when the credentials are spent", async (status) => {
    const code = status === 404 ? "model_not_found" : null;
    const { post, provider, events } = await start({
      config,
      env,
      replies: {
        "test-key-one": [{ status, body: openaiError("failed", "error", code) }],
        "test-key-other": [{ body: openaiCompletion("second") }],
      },
    });
    const response = await post("/v1/chat/completions", { ...ask, model: "openclaw/default" });
    expect(response.status).toBe(200);
    expect(provider.hits.map((hit) => [hit.key, hit.path, JSON.parse(hit.body.toString()).model])).toEqual([
      ["test-key-one", "/v1/chat/completions", "first"],
      ["test-key-other", "/other/chat/completions", "second"],
    ]);
    expect(events).toContainEqual(expect.objectContaining({ type: "fallback", from: "test/first", to: "other/second" }));
  });

  test("do not follow a 400", async () => {
    const { post, provider } = await start({ config, env, replies: { "test-key-one": [{ status: 400, body: openaiError("bad") }] } });
    expect((await post("/v1/chat/completions", { ...ask, model: "openclaw/default" })).status).toBe(400);
    expect(provider.keysSeen()).toEqual(["test-key-one"]);
  });

  test.each([
    ["speaks another dialect", { model: { primary: "test/first", fallbacks: ["anthropic/claude-test"] } }],
    ["has no credential", { model: { primary: "test/first", fallbacks: ["groq/some-model"] } }],
    ["names nothing", { model: { primary: "test/first", fallbacks: ["nonsense", "no-such-provider/m"] } }],
  ])("a fallback that %s leaves the provider's answer as it is", async (_name, defaults) => {
    const { post } = await start({ config: { ...config, agents: { defaults } }, env, replies: { "test-key-one": [limited] } });
    const response = await post("/v1/chat/completions", { ...ask, model: "openclaw/default" });
    expect([response.status, await response.json()]).toEqual([429, limited.body]);
  });

  test("a fallback that cannot be asked is passed over for the next one", async () => {
    const defaults = { model: { primary: "test/first", fallbacks: ["nonsense", "claude/other", "groq/no-key", "other/second"] } };
    const claude = { baseUrl: "@PROVIDER@", api: "anthropic-messages" };
    const { post, events } = await start({
      config: { agents: { defaults }, models: { providers: { ...config.models.providers, claude } } },
      env: { ...env, CLAUDE_API_KEY: "test-key-claude" },
      replies: { "test-key-one": { ...limited, repeat: true }, "test-key-other": { body: openaiCompletion("second"), repeat: true } },
    });
    for (let count = 0; count < 2; count += 1) {
      expect((await post("/v1/chat/completions", { ...ask, model: "openclaw/default" })).status).toBe(200);
    }
    const told = events.flatMap((event) =>
      event.type === "fallback" || event.type === "fallback-skipped" ? [[event.type, event.from, event.to, event.reason]] : [],
    );
    const asked = ["fallback", "test/first", "other/second", "rate_limit"];
    expect(told.filter(([type]) => type === "fallback")).toEqual([asked, asked]);
    // One that shares no dialect with the first model may be left out before it comes to that.
    expect(told.filter(([type, , to]) => type === "fallback-skipped" && to === "groq/no-key")).toEqual([
      ["fallback-skipped", "test/first", "groq/no-key", expect.stringContaining("No API keys configured")],
    ]);
  });

  test("the last provider's answer comes back when the fallback fails too", async () => {
    const { post } = await start({
      config,
      env,
      replies: { "test-key-one": [limited], "test-key-other": [{ status: 500, body: openaiError("second failed") }] },
    });
    const response = await post("/v1/chat/completions", { ...ask, model: "openclaw/default" });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual(openaiError("second failed"));
  });
});
