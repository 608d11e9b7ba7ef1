import type { Reply } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { testGateways } from "./test-gateway.ts";

const start = testGateways();
const scene = () => start({ env: { TEST_API_KEY: "test-key-one" }, config: { models: { providers: { test: provider } } } });
const provider = { baseUrl: "@PROVIDER@/v1", api: "openai-completions", models: [{ id: "m" }] };
const inSession = { "x-openclaw-session-key": "one" };

/** The events of a stream, with their data parsed, and their names where they have one. */
function eventsOf(text: string) {
  expect(text.endsWith("\n\n")).toBe(true);
  return text
    .slice(0, -2)
    .split("\n\n")
    .map((block) => {
      const [, name, data = ""] = /^(?:event: (.*)\n)?data: (.*)$/u.exec(block) ?? [];
      return { name, data: data === "[DONE]" ? data : JSON.parse(data) };
    });
}

async function ask(path: string, body: object) {
  const { post, provider, requests } = await scene();
  const response = await post(path, body, inSession);
  const text = await response.text();
  const { headers, status } = response;
  expect([status, headers.get("x-openclaw-command"), headers.get("cache-control"), provider.hits.length]).toEqual([
    200,
    "model",
    "no-store",
    0,
  ]);
  expect(headers.get("x-openclaw-request-id")).toBe(requests[0]?.id);
  return { type: headers.get("content-type"), text };
}

const said = expect.stringContaining("Model: test/m, not pinned");

describe("Chat Completions", () => {
  const chat = { model: "test/m", messages: [{ role: "user", content: "/model" }] };

  test("one answer", async () => {
    const { type, text } = await ask("/v1/chat/completions", chat);
    expect([type, JSON.parse(text)]).toMatchObject([
      "application/json",
      {
        id: expect.stringMatching(/^chatcmpl-\w+$/u),
        object: "chat.completion",
        created: expect.any(Number),
        model: "test/m",
        choices: [{ index: 0, message: { role: "assistant", content: said }, finish_reason: "stop" }],
        usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
      },
    ]);
  });

  test.each([false, true])("a stream, which says what was used where that was asked for (%s)", async (include_usage) => {
    const { type, text } = await ask("/v1/chat/completions", { ...chat, stream: true, stream_options: { include_usage } });
    const events = eventsOf(text);
    expect(type).toMatch(/^text\/event-stream/u);
    expect(events.at(-1)).toEqual({ name: undefined, data: "[DONE]" });
    const chunks = events.slice(0, -1).map(({ data }) => data);
    expect(chunks.map(({ object, model }) => [object, model])).toEqual(chunks.map(() => ["chat.completion.chunk", "test/m"]));
    expect(chunks.flatMap(({ choices }) => choices.map((choice: object) => choice))).toMatchObject([
      { delta: { role: "assistant", content: "" }, finish_reason: null },
      { delta: { content: said }, finish_reason: null },
      { delta: {}, finish_reason: "stop" },
    ]);
    expect(chunks.filter(({ usage }) => usage !== undefined)).toMatchObject(
      include_usage ? [{ choices: [], usage: { total_tokens: 0 } }] : [],
    );
  });
});

describe("Responses", () => {
  const input = { model: "test/m", input: [{ role: "user", content: [{ type: "input_text", text: "/model list" }] }] };
  const list = "There is no model to choose.";
  const whole = {
    object: "response",
    status: "completed",
    output: [{ type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: list, annotations: [] }] }],
    usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
  };

  test("one answer", async () => {
    expect(JSON.parse((await ask("/v1/responses", input)).text)).toMatchObject({ ...whole, id: expect.stringMatching(/^resp_/u) });
  });

  test("a stream, event by event", async () => {
    const events = eventsOf((await ask("/v1/responses", { ...input, stream: true })).text);
    expect(events.map(({ name, data }) => [name, data.type, data.sequence_number])).toEqual(
      [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
      ].map((name, index) => [name, name, index]),
    );
    expect(events[4]?.data).toMatchObject({ delta: list, output_index: 0, content_index: 0 });
    expect(events.at(-1)?.data.response).toMatchObject(whole);
  });
});

describe("Messages", () => {
  const messages = { model: "test/m", max_tokens: 1, messages: [{ role: "user", content: "/model list" }] };
  const text = expect.stringContaining("1. anthropic/claude-opus-4-6");

  test("one answer", async () => {
    expect(JSON.parse((await ask("/v1/messages", messages)).text)).toMatchObject({
      id: expect.stringMatching(/^msg_/u),
      type: "message",
      role: "assistant",
      model: "test/m",
      content: [{ type: "text", text }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 0, output_tokens: 0 },
    });
  });

  test("a stream, event by event", async () => {
    const events = eventsOf((await ask("/v1/messages", { ...messages, stream: true })).text);
    expect(events.map(({ name, data }) => [name, data.type])).toEqual(
      ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"].map((name) => [
        name,
        name,
      ]),
    );
    expect(events[0]?.data.message).toMatchObject({ role: "assistant", content: [], stop_reason: null, usage: { input_tokens: 0 } });
    expect(events[2]?.data).toMatchObject({ index: 0, delta: { type: "text_delta", text } });
    expect(events[4]?.data).toMatchObject({ delta: { stop_reason: "end_turn" }, usage: { output_tokens: 0 } });
  });
});

describe("Gemini", () => {
  const contents = { contents: [{ role: "user", parts: [{ text: "/model list" }] }] };
  const whole = {
    candidates: [{ content: { role: "model", parts: [{ text: "There is no model to choose." }] }, finishReason: "STOP", index: 0 }],
    usageMetadata: { totalTokenCount: 0 },
    modelVersion: "test/m",
  };

  test("one answer", async () => {
    expect(JSON.parse((await ask("/v1beta/models/test/m:generateContent", contents)).text)).toMatchObject(whole);
  });

  test("a stream of events", async () => {
    const { type, text } = await ask("/v1beta/models/test/m:streamGenerateContent?alt=sse", contents);
    expect(type).toMatch(/^text\/event-stream/u);
    expect(eventsOf(text).map(({ data }) => data)).toMatchObject([whole]);
  });

  test("a stream that is a list", async () => {
    const { type, text } = await ask("/v1beta/models/test/m:streamGenerateContent", contents);
    expect([type, JSON.parse(text)]).toMatchObject(["application/json", [whole]]);
  });
});

describe("a client that is not the operator", () => {
  const token = "test-client-token-0123456789abcdef0123456789abcdef";
  const profiles = Object.fromEntries(
    ["me@example.com", "boss@example.com"].map((name, index) => [
      `test:${name}`,
      { type: "api_key", provider: "test", key: `test-key-${index}` },
    ]),
  );
  const limits = { models: ["test/m", "test/n"], profiles: ["test:me@example.com"] };

  async function chatAs(rules: object, reply: Reply = { body: {}, repeat: true }) {
    const gateway = await start({
      store: { version: 1, profiles },
      config: {
        agents: { defaults: { model: "test/m" } },
        models: { providers: { test: { ...provider, models: [{ id: "m" }, { id: "n" }, { id: "o" }] } } },
        gateway: { clients: { app: { token, ...rules } } },
      },
      replies: { "test-key-0": reply, "test-key-1": reply },
    });
    const headers = { ...inSession, authorization: `Bearer ${token}` };
    const chat = async (content: string) => {
      const response = await gateway.post("/v1/chat/completions", { model: "openclaw", messages: [{ role: "user", content }] }, headers);
      const body: unknown = await response.json();
      return JSON.stringify(body);
    };
    return { chat, gateway };
  }

  test("sees fingerprints and may pin by them, and never a name", async () => {
    const { chat, gateway } = await chatAs({});
    const status = await chat("/model status");
    const [first = ""] = /#[0-9a-f]{8}/u.exec(status) ?? [];
    const pinned = await chat(`/model test/n@${first}`);
    expect(pinned).toContain(`with the profile ${first}`);
    expect([status, pinned, await chat("/model"), await chat("/model list")].join("\n")).not.toContain("example.com");
    await gateway.home.write(".openclaw/agents/main/agent/auth-profiles.json", JSON.stringify({ version: 1, profiles: {} }));
    await gateway.restart();
    const gone = await chat("hi");
    expect(gone).toMatch(/pinned to the profile #[0-9a-f]{8}, which is gone/u);
    expect(gone).not.toContain("example.com");
    expect(await chat("/model")).toMatch(/Profile: #[0-9a-f]{8} \(pinned, and gone: /u);
  });

  test("is told of a pin that was made with a fingerprint by that alone, when it is limited and when it has ended", async () => {
    const limited = { status: 429, body: {}, headers: { "retry-after": "60" } };
    const { chat, gateway } = await chatAs({}, limited);
    const [first = ""] = /#[0-9a-f]{8}/u.exec(await chat("/model status")) ?? [];
    await chat(`/model test/n@${first}`);
    await chat("hi");
    const cooling = await chat("hi");
    const ended = { type: "token", provider: "test", token: "test-token-old", expires: 1 };
    const store = { version: 1, profiles: { ...profiles, "test:me@example.com": ended } };
    await gateway.home.write(".openclaw/agents/main/agent/auth-profiles.json", JSON.stringify(store));
    await gateway.restart();
    const unusable = await chat("hi");
    expect(cooling).toContain("all_cooling");
    expect(unusable).toMatch(/profile_unusable/u);
    expect(cooling + unusable).not.toContain("example.com");
  });

  test("that may not use the agent's own model is told how a pin is taken away all the same", async () => {
    const { chat } = await chatAs({ models: ["test/n"] });
    expect(await chat("/model test/n")).toContain("is pinned to test/n");
    expect(await chat("/model default")).toContain("is not allowed. /new takes a pin away");
  });

  test("is shown and may use what it is allowed, and no more", async () => {
    const { chat, gateway } = await chatAs(limits);
    const list = await chat("/model list");
    expect(list).toContain("test/n");
    expect(list).not.toContain("test/o");
    expect(await chat("/model test/o")).toContain("is not allowed");
    expect(await chat("/model test/n@test:boss@example.com")).toContain("There is no profile");
    expect((await chat("/model status")).match(/#[0-9a-f]{8}/gu)).toHaveLength(1);
    await chat("/model test/n@test:me@example.com");
    await chat("hi");
    expect(gateway.provider.keysSeen()).toEqual(["test-key-0"]);
  });
});
