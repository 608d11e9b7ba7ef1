import {
  anthropicError,
  anthropicMessage,
  anthropicStream,
  openaiCompletion,
  openaiError,
  openaiStream,
  type Reply,
} from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { testGateways } from "./test-gateway.ts";

const start = testGateways();

const surfaces = {
  "Chat Completions": {
    path: "/v1/chat/completions",
    provider: { baseUrl: "@PROVIDER@/v1", api: "openai-completions" },
    answer: openaiCompletion("hello"),
    stream: openaiStream(["hel", "lo"]),
    limit: openaiError("Rate limit reached", "requests", "rate_limit_exceeded"),
  },
  Messages: {
    path: "/v1/messages",
    provider: { baseUrl: "@PROVIDER@", api: "anthropic-messages" },
    answer: anthropicMessage("hello"),
    stream: anthropicStream(["hel", "lo"]),
    limit: anthropicError("This request would exceed your rate limit", "rate_limit_error"),
  },
};

describe.each(Object.entries(surfaces))("%s", (_name, { path, provider, answer, stream, limit }) => {
  const env = { TEST_API_KEYS: "test-key-one test-key-two" };
  const config = { models: { providers: { test: provider } } };
  const ask = { model: "test/m", max_tokens: 1, messages: [{ role: "user", content: "hi" }] };
  const ways: readonly [string, object, Reply, string][] = [
    ["JSON", ask, { body: answer }, JSON.stringify(answer)],
    ["a stream", { ...ask, stream: true }, { stream }, stream.join("")],
  ];

  test.each(ways)("the first key limited, the second well: each is asked once (%s)", async (_way, body, reply, text) => {
    const { post, provider } = await start({
      env,
      config,
      replies: { "test-key-one": [{ status: 429, body: limit }], "test-key-two": [reply] },
    });
    const response = await post(path, body);
    expect([response.status, await response.text()]).toEqual([200, text]);
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
  });

  test.each(ways)("a limit of five hours moves on at once (%s)", async (_way, body, reply, text) => {
    const limited = { status: 429, body: limit, headers: { "retry-after": "18000" } };
    const { post, provider } = await start({ env, config, replies: { "test-key-one": [limited], "test-key-two": [reply] } });
    expect(await (await post(path, body)).text()).toBe(text);
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
  });
});
