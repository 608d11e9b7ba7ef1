import { anthropicError, manualClock, openaiCompletion, openaiError, openaiStream } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { testGateways } from "./test-gateway.ts";

const start = testGateways();
const ask = { model: "test/m", messages: [{ role: "user", content: "hi" }] };
const provider = { baseUrl: "@PROVIDER@/v1", api: "openai-completions" };
const limitedFor = (seconds: number, headers: object = {}) => ({
  status: 429,
  body: openaiError("Rate limit reached", "requests", "rate_limit_exceeded"),
  headers: { "retry-after": String(seconds), ...headers },
});
const key = (name: string, more: object = {}) => ({ type: "api_key", provider: "test", key: `test-key-${name}`, ...more });
const fingerprints = (text: string) => text.match(/#[0-9a-f]{8}/gu) ?? [];

interface ErrorAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly code: string | undefined;
  readonly message: string;
}

async function read(response: Response): Promise<ErrorAnswer> {
  const text = await response.text();
  const { error } = JSON.parse(text);
  return { status: response.status, retryAfter: response.headers.get("retry-after"), code: error.code, message: error.message };
}

describe("the last answer of a provider", () => {
  test("comes back unchanged, with the first recovery of all keys", async () => {
    const { post } = await start({
      clock: manualClock(),
      env: { TEST_API_KEYS: "test-key-one test-key-two" },
      replies: { "test-key-one": [limitedFor(70)], "test-key-two": [limitedFor(90, { "retry-after-ms": "90000", "x-request-id": "2" })] },
    });
    const response = await post("/v1/chat/completions", ask);
    // SDKs believe the milliseconds first, and sleep for minutes unless they are told not to retry.
    expect(
      Object.fromEntries(
        ["retry-after", "retry-after-ms", "x-should-retry", "x-request-id"].map((name) => [name, response.headers.get(name)]),
      ),
    ).toEqual({
      "retry-after": "70",
      "retry-after-ms": null,
      "x-should-retry": "false",
      "x-request-id": "2",
    });
    expect(await response.json()).toEqual(limitedFor(90).body);
  });

  test("comes back with the first recovery of a fallback that cools down already", async () => {
    const { post, provider: fake } = await start({
      clock: manualClock(),
      config: {
        agents: { defaults: { model: { primary: "test/m", fallbacks: ["other/m"] } } },
        models: { providers: { test: provider, other: provider } },
      },
      env: { TEST_API_KEY: "test-key-one", OTHER_API_KEY: "test-key-other" },
      replies: { "test-key-one": [limitedFor(60)], "test-key-other": [limitedFor(10)] },
    });
    await post("/v1/chat/completions", { ...ask, model: "other/m" });
    const { retryAfter } = await read(await post("/v1/chat/completions", ask));
    expect([retryAfter, fake.hits.length]).toEqual(["10", 2]);
  });

  test("keeps its own time where a key may be tried again at once", async () => {
    const { post } = await start({
      env: { TEST_API_KEY: "test-key-one" },
      replies: { "test-key-one": [{ ...limitedFor(0), headers: { "x-request-id": "1" } }] },
    });
    const response = await post("/v1/chat/completions", ask);
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, null]);
  });
});

describe("where nothing may be tried", () => {
  test.each([
    ["/v1/chat/completions", "openai-completions", "@PROVIDER@/v1", { error: { type: "rate_limit_error", code: "all_cooling" } }],
    ["/v1/messages", "anthropic-messages", "@PROVIDER@", { type: "error", error: { type: "rate_limit_error" } }],
  ])("a 429 in the client's dialect names each by fingerprint and time: %s", async (path, api, baseUrl, shape) => {
    const failing = [limitedFor(10)].map((reply) => ({
      ...reply,
      body: api.startsWith("anthropic") ? anthropicError("slow down") : reply.body,
    }));
    const { post, provider: fake } = await start({
      clock: manualClock(),
      config: { models: { providers: { test: { baseUrl, api } } } },
      store: { version: 1, profiles: { "test:me@example.com": key("one"), "test:you@example.com": key("two") } },
      replies: { "test-key-one": failing, "test-key-two": failing },
    });
    await post(path, ask);
    for (const body of [ask, { ...ask, stream: true }]) {
      const response = await post(path, body);
      const text = await response.text();
      expect([response.status, response.headers.get("retry-after"), JSON.parse(text)]).toMatchObject([429, "10", shape]);
      expect(text.match(/#[0-9a-f]{8} for 10 s \(until 2026-01-01T00:00:10\.000Z, rate_limit\)/gu)).toHaveLength(2);
      expect(text).not.toContain("example.com");
    }
    expect(fake.hits).toHaveLength(2);
  });

  test("the fallback models' credentials are named with their model, and the first recovery is everybody's", async () => {
    const { post } = await start({
      clock: manualClock(),
      config: {
        agents: { defaults: { model: { primary: "test/m", fallbacks: ["other/n"] } } },
        models: { providers: { test: provider, other: provider } },
      },
      env: { TEST_API_KEY: "test-key-one", OTHER_API_KEY: "test-key-other" },
      replies: { "test-key-one": [limitedFor(40)], "test-key-other": [limitedFor(5)] },
    });
    await post("/v1/chat/completions", ask);
    const { status, retryAfter, message } = await read(await post("/v1/chat/completions", ask));
    expect([status, retryAfter]).toEqual([429, "5"]);
    expect(message).toMatch(/: #[0-9a-f]{8} for 40 s \([^)]*\); other\/n #[0-9a-f]{8} for 5 s/u);
  });

  test("no more than twenty are named", async () => {
    const names = Array.from({ length: 23 }, (_, index) => `test-key-${index}`);
    const { post } = await start({
      env: { TEST_API_KEYS: names.join(" ") },
      replies: Object.fromEntries(names.map((name) => [name, [limitedFor(30)]])),
    });
    await post("/v1/chat/completions", ask);
    const { message } = await read(await post("/v1/chat/completions", ask));
    expect([fingerprints(message).length, message.endsWith("; and 3 more")]).toEqual([20, true]);
  });

  test("a quota that keys share is one limit, and each key is named as itself", async () => {
    const { post, provider: fake } = await start({
      env: { TEST_API_KEYS: "test-key-one test-key-two" },
      config: { models: { providers: { test: provider } }, auth: { credentials: { TEST_API_KEYS: { bucket: "project-7" } } } },
      replies: { "test-key-one": [limitedFor(30)] },
    });
    expect((await post("/v1/chat/completions", ask)).status).toBe(429);
    const { message } = await read(await post("/v1/chat/completions", ask));
    expect(fake.keysSeen()).toEqual(["test-key-one"]);
    expect(new Set(fingerprints(message)).size).toBe(2);
    expect(message).not.toMatch(/bucket|project/u);
  });

  test("a credential that has as many requests as it may is busy, until a stream is over", async () => {
    const go = Promise.withResolvers<void>();
    const { post, provider: fake } = await start({
      env: { TEST_API_KEY: "test-key-one" },
      config: { models: { providers: { test: provider } }, auth: { credentials: { TEST_API_KEY: { maxConcurrent: 1 } } } },
      replies: {
        "test-key-one": [
          { stream: openaiStream(["Hello"]).slice(0, 2), afterHeaders: "hang" },
          { body: openaiCompletion("next"), after: go.promise },
        ],
      },
    });
    const stream = await post("/v1/chat/completions", { ...ask, stream: true });
    const reader = stream.body?.getReader();
    await reader?.read();
    const refused = await read(await post("/v1/chat/completions", ask));
    expect(refused).toMatchObject({ status: 429, retryAfter: "1", code: "all_cooling" });
    expect(refused.message).toMatch(/is in use: #[0-9a-f]{8} busy/u);

    await reader?.cancel();
    await fake.waitForAborted();
    const next = post("/v1/chat/completions", ask);
    await fake.waitForHit(2);
    go.resolve();
    expect((await next).status).toBe(200);
  });

  test("a request waits for the first recovery as long as it may, and spread by chance", async () => {
    const clock = manualClock();
    const {
      post,
      provider: fake,
      events,
    } = await start({
      clock,
      random: () => 0.5,
      env: { TEST_API_KEYS: "test-key-one test-key-two" },
      config: { models: { providers: { test: provider } }, auth: { cooldowns: { maxWaitMs: 5000 } } },
      replies: {
        "test-key-one": [limitedFor(3), { body: openaiCompletion("one") }],
        "test-key-two": [limitedFor(60)],
      },
    });
    await post("/v1/chat/completions", ask);
    const before = clock.sleeping().length;
    const waiting = post("/v1/chat/completions", ask);
    await clock.waitForSleepers(before + 1);
    clock.advance(3124);
    expect(fake.hits).toHaveLength(2);
    clock.advance(1);
    expect((await waiting).status).toBe(200);
    expect(events).toContainEqual(expect.objectContaining({ type: "waited", durationMs: 3125 }));
  });
});

describe("two agents with a profile of the same name", () => {
  const scene = () =>
    start({
      config: {
        agents: { list: [{ id: "main" }, { id: "ops" }], defaults: { model: "test/m" } },
        models: { providers: { test: provider } },
      },
      files: { ".openclaw/agents/ops/agent/auth-profiles.json": JSON.stringify({ version: 1, profiles: { "test:a": key("ops") } }) },
      store: { version: 1, profiles: { "test:a": key("main") } },
      replies: { "test-key-main": [limitedFor(60)], "test-key-ops": [{ body: openaiCompletion("ops") }, limitedFor(30)] },
    });

  test("share no cooldown, and each is named by its own key", async () => {
    const { post, provider: fake } = await scene();
    await post("/v1/chat/completions", { ...ask, model: "openclaw/main" });
    expect((await post("/v1/chat/completions", { ...ask, model: "openclaw/ops" })).status).toBe(200);
    await post("/v1/chat/completions", { ...ask, model: "openclaw/ops" });
    const both = await Promise.all(
      ["main", "ops"].map(async (id) => read(await post("/v1/chat/completions", { ...ask, model: `openclaw/${id}` }))),
    );
    expect(both.map(({ retryAfter }) => retryAfter)).toEqual([
      expect.stringMatching(/^(?:60|59)$/u),
      expect.stringMatching(/^(?:30|29)$/u),
    ]);
    expect(new Set(both.flatMap(({ message }) => fingerprints(message))).size).toBe(2);
    expect(fake.hits).toHaveLength(3);
  });
});

test("a preferred profile gets its requests back once it has recovered", async () => {
  const clock = manualClock();
  const { post, provider: fake } = await start({
    clock,
    store: { version: 1, profiles: { "test:a": key("a"), "test:b": key("b") }, order: { test: ["test:a", "test:b"] } },
    replies: {
      "test-key-a": [limitedFor(30), { body: openaiCompletion("a"), repeat: true }],
      "test-key-b": { body: openaiCompletion("b") },
    },
  });
  for (const seconds of [0, 29, 1, 0]) {
    clock.advance(seconds * 1000);
    await post("/v1/chat/completions", ask);
  }
  expect(fake.keysSeen().map((name) => name.at(-1))).toEqual(["a", "b", "b", "a", "a"]);
});

test("a key of which next to nothing is left is spared before it is limited", async () => {
  const clock = manualClock();
  const left = (remaining: number) => ({
    "x-ratelimit-limit-requests": "100",
    "x-ratelimit-remaining-requests": String(remaining),
    "x-ratelimit-reset-requests": "20s",
  });
  const { post, provider: fake } = await start({
    clock,
    env: { TEST_API_KEYS: "test-key-one test-key-two" },
    replies: {
      "test-key-one": [1, 99].map((remaining) => ({ body: openaiCompletion("one"), headers: left(remaining) })),
      "test-key-two": { body: openaiCompletion("two"), headers: left(50) },
    },
  });
  for (const seconds of [0, 0, 19, 2]) {
    clock.advance(seconds * 1000);
    await post("/v1/chat/completions", ask);
  }
  expect(fake.keysSeen()).toEqual(["test-key-one", "test-key-two", "test-key-two", "test-key-one"]);
});
