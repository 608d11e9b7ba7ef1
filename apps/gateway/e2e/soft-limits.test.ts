import {
  anthropicError,
  anthropicMessage,
  anthropicStream,
  manualClock,
  openaiCompletion,
  openaiError,
  openaiStream,
  sseEvent,
  type Reply,
} from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { testGateways } from "./test-gateway.ts";

const start = testGateways();

const openai = {
  path: "/v1/chat/completions",
  env: { TEST_API_KEYS: "test-key-one test-key-two" },
  config: { models: { providers: { test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions" } } } },
  answer: openaiCompletion("whole"),
  stream: openaiStream(["Hello", " there"]),
  empty: { error: { type: "server_error", code: "upstream_empty" } },
  limit: openaiError("Rate limit reached", "requests", "rate_limit_exceeded"),
  limitEvent: sseEvent(openaiError("Rate limit reached", "requests", "rate_limit_exceeded")),
  role: openaiStream([]).slice(0, 1),
  token: openaiStream(["Hello"]).slice(0, 2),
  toolCall: [
    ...openaiStream([]).slice(0, 1),
    sseEvent({
      choices: [
        { index: 0, delta: { tool_calls: [{ index: 0, id: "call_1", function: { name: "pay", arguments: "" } }] }, finish_reason: null },
      ],
    }),
  ],
};
const anthropic = {
  path: "/v1/messages",
  env: openai.env,
  config: { models: { providers: { test: { baseUrl: "@PROVIDER@", api: "anthropic-messages" } } } },
  answer: anthropicMessage("whole"),
  stream: anthropicStream(["Hello", " there"]),
  empty: { type: "error", error: { type: "api_error" } },
  limit: anthropicError("This would exceed your rate limit", "rate_limit_error"),
  limitEvent: sseEvent(anthropicError("This would exceed your rate limit", "rate_limit_error"), "error"),
  role: anthropicStream([]).slice(0, 3),
  token: anthropicStream(["Hello"]).slice(0, 4),
  toolCall: [
    ...anthropicStream([]).slice(0, 1),
    sseEvent(
      { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "toolu_1", name: "pay", input: {} } },
      "content_block_start",
    ),
  ],
};

describe.each(Object.entries({ openai, anthropic }))("a limit that comes with status 200, in the dialect of %s", (_name, dialect) => {
  const ask = { model: "test/m", max_tokens: 1, messages: [{ role: "user", content: "hi" }] };

  /** A gateway with two keys, of which the first is told `reply` once and the other streams. */
  async function scene(reply: Reply) {
    const gateway = await start({
      env: dialect.env,
      config: dialect.config,
      clock: manualClock(),
      replies: { "test-key-one": [reply], "test-key-two": { stream: dialect.stream } },
    });
    return { ...gateway, ask: () => gateway.post(dialect.path, { ...ask, stream: true }) };
  }

  test.each([
    ["as the first event", [dialect.limitEvent]],
    ["behind a comment", [": keep-alive\n\n", dialect.limitEvent]],
    ["behind the role", [...dialect.role, dialect.limitEvent]],
  ])("moves to the next key: %s", async (_where, stream) => {
    const { ask, provider } = await scene({ stream });
    expect(await (await ask()).text()).toBe(dialect.stream.join(""));
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
  });

  test.each([
    ["a token", dialect.token],
    ["a tool call", dialect.toolCall],
  ])("is passed on behind %s, sends nothing again, and leaves the key alone", async (_what, content) => {
    const { ask, provider, gateway } = await scene({ stream: [...content, dialect.limitEvent] });
    expect(await (await ask()).text()).toBe([...content, dialect.limitEvent].join(""));
    expect(provider.keysSeen()).toEqual(["test-key-one"]);
    expect(gateway.health.inspect()).toMatchObject([{ model: "m", window: { reason: "rate_limit", count: 1 } }]);

    expect(await (await ask()).text()).toBe(dialect.stream.join(""));
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
  });

  test("counts behind content in one piece with it, and where the stream does not end", async () => {
    const { ask, gateway } = await scene({ stream: [[...dialect.token, dialect.limitEvent].join("")], afterHeaders: "hang" });
    const reader = (await ask()).body?.getReader();
    await reader?.read();
    expect(gateway.health.inspect()).toMatchObject([{ window: { reason: "rate_limit" } }]);
    await reader?.cancel();
  });

  test("in a JSON body moves to the next key", async () => {
    const { post, provider } = await start({
      env: dialect.env,
      config: dialect.config,
      replies: { "test-key-one": [{ body: dialect.limit }], "test-key-two": [{ body: dialect.answer }] },
    });
    const response = await post(dialect.path, ask);
    expect([response.status, await response.json()]).toEqual([200, dialect.answer]);
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
  });

  test("in what a model says is no limit", async () => {
    const text = JSON.stringify(dialect.limit);
    const streamed = dialect === openai ? openaiStream([text]) : anthropicStream([text]);
    const { ask, gateway } = await scene({ stream: streamed });
    expect(await (await ask()).text()).toBe(streamed.join(""));
    expect(gateway.health.inspect()).toEqual([]);
  });

  test.each<[string, Reply]>([
    ["nothing at all", { body: "" }],
    ["an empty stream", { stream: [] }],
    ["comments alone", { stream: [": keep-alive\n\n", ": keep-alive\n\n"] }],
    ["blank lines", { body: "\n\n", headers: { "content-type": "application/json" } }],
    ["no content", { status: 204 }],
  ])("an answer of %s is an error that says so", async (_what, reply) => {
    const { ask, provider, gateway } = await scene(reply);
    const response = await ask();
    const body = await response.json();
    expect([response.status, body]).toMatchObject([502, dialect.empty]);
    expect(JSON.stringify(body)).toContain("said nothing");
    expect(provider.keysSeen()).toEqual(["test-key-one"]);
    expect(gateway.health.inspect()).toEqual([]);
  });
});

test("an error that comes with status 200 is cleaned of every key, as others are", async () => {
  const { post } = await start({
    env: openai.env,
    config: openai.config,
    replies: { "test-key-one": [{ body: openaiError("you are not test-key-two") }] },
  });
  const response = await post(openai.path, { model: "test/m" });
  expect([response.status, await response.json()]).toEqual([200, openaiError("you are not [redacted]")]);
});

test("a stream of another size than its pieces is the same stream", async () => {
  const { post } = await start({
    env: openai.env,
    config: openai.config,
    replies: { "test-key-one": { stream: [...openai.stream.join("")] } },
  });
  const response = await post(openai.path, { model: "test/m", stream: true });
  expect(await response.text()).toBe(openai.stream.join(""));
});

describe("a provider that hides its errors in the middle of a JSON answer", () => {
  const config = { models: { providers: { minimax: { baseUrl: "@PROVIDER@", api: "anthropic-messages" } } } };
  const env = { MINIMAX_API_KEYS: "test-key-one test-key-two" };
  const limited = { id: "1", content: null, base_resp: { status_code: 1002, status_msg: "rate limit exceeded" } };
  const answer = { ...anthropicMessage("whole"), base_resp: { status_code: 0, status_msg: "" } };

  test("is moved away from", async () => {
    const { post, provider } = await start({
      config,
      env,
      replies: { "test-key-one": [{ body: limited }], "test-key-two": [{ body: answer }] },
    });
    const response = await post("/v1/messages", { model: "minimax/m", max_tokens: 1, messages: [] });
    expect(await response.json()).toEqual(answer);
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
  });

  test("has its long answers passed on as they come", async () => {
    const long = JSON.stringify({ text: "a".repeat(70_000), ...limited });
    const { post } = await start({
      config,
      env,
      replies: { "test-key-one": [{ body: long, headers: { "content-type": "application/json" } }] },
    });
    expect(await (await post("/v1/messages", { model: "minimax/m" })).text()).toBe(long);
  });
});
