import { randomBytes } from "node:crypto";
import { caught, openaiError, openaiStream } from "@openclaw/testkit";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GOOD, LIMITED, type MockProvider } from "./mock-provider.ts";
import { rememberingFetch, secondKeyHeaders, startSdkGateway, type SdkGateway } from "./sdk-gateway.ts";

let gateway: SdkGateway;
let provider: MockProvider;
let client: OpenAI;
const limited = {
  status: 429,
  body: openaiError("Rate limit reached", "requests", "rate_limit_exceeded"),
  headers: { "retry-after": "7" },
};

beforeAll(async () => {
  gateway = await startSdkGateway();
  ({ provider } = gateway);
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.token, maxRetries: 0 });
});
afterAll(() => gateway.close());

const user = (content: string) => [{ role: "user" as const, content }];

describe("Chat Completions, asked of the next key once the first is limited", () => {
  test("as one answer, whose headers say what it took", async () => {
    provider.mock.onMessage("plain question", { content: "plain answer" });
    const { data, response } = await client.chat.completions
      .create({ model: "openai/plain", messages: user("plain question") })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe("plain answer");
    expect(provider.keysFor("plain")).toEqual([LIMITED, GOOD]);
    expect(Object.fromEntries(response.headers)).toMatchObject(secondKeyHeaders("OPENAI_API_KEYS"));
  });

  test("as a stream, with its usage", async () => {
    provider.mock.onMessage("streamed question", { content: "a streamed answer of a few words" });
    const stream = await client.chat.completions.create({
      model: "openai/streamed",
      messages: user("streamed question"),
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let usage = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      usage = chunk.usage?.total_tokens ?? usage;
    }
    expect(text).toBe("a streamed answer of a few words");
    expect(usage).toBeGreaterThan(0);
    expect(provider.keysFor("streamed")).toEqual([LIMITED, GOOD]);
  });

  test("of a model that is called as its vendor calls it", async () => {
    provider.mock.onMessage("bare question", { content: "bare answer" });
    const { choices } = await client.chat.completions.create({ model: "bare-model", messages: user("bare question") });
    expect(choices[0]?.message.content).toBe("bare answer");
    expect(provider.keysFor("bare-model")).toEqual([LIMITED, GOOD]);
  });

  test("with tools that run side by side, and their results", async () => {
    const toolCalls = [
      { id: "call_oslo", name: "weather", arguments: '{"city":"Oslo"}' },
      { id: "call_rome", name: "weather", arguments: '{"city":"Rome"}' },
    ];
    provider.mock.on({ userMessage: "two cities", hasToolResult: false }, { toolCalls });
    provider.mock.on({ userMessage: "two cities", hasToolResult: true }, { content: "Oslo is colder" });
    const cities: string[] = [];
    const runner = client.chat.completions.runTools({
      model: "openai/tools",
      messages: user("two cities"),
      tools: [
        {
          type: "function",
          function: {
            name: "weather",
            description: "how warm it is",
            parameters: { type: "object", properties: { city: { type: "string" } } },
            parse: (text: string): { readonly city: string } => JSON.parse(text),
            function({ city }: { readonly city: string }) {
              cities.push(city);
              return `It is ${city === "Oslo" ? 2 : 19} degrees`;
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe("Oslo is colder");
    expect(cities).toEqual(["Oslo", "Rome"]);
    expect(provider.keysFor("tools")).toEqual([LIMITED, GOOD, GOOD]);
    const [, , last] = provider.requestsFor("tools");
    expect(JSON.parse(String(last?.body)).messages.slice(2)).toMatchObject([
      { role: "tool", tool_call_id: "call_oslo", content: "It is 2 degrees" },
      { role: "tool", tool_call_id: "call_rome", content: "It is 19 degrees" },
    ]);
  });

  test("with tool calls in a stream", async () => {
    provider.mock.onMessage("streamed tool", { toolCalls: [{ id: "call_1", name: "look", arguments: '{"at":"the sea"}' }] });
    const stream = client.chat.completions.stream({
      model: "openai/streamed-tool",
      messages: user("streamed tool"),
      tools: [{ type: "function", function: { name: "look", parameters: {} } }],
    });
    const { choices } = await stream.finalChatCompletion();
    expect(choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { tool_calls: [{ id: "call_1", function: { name: "look", arguments: '{"at":"the sea"}' } }] },
    });
    expect(provider.keysFor("streamed-tool")).toEqual([LIMITED, GOOD]);
  });

  test("with a picture, which arrives byte for byte, as does the rest", async () => {
    provider.mock.onMessage("what is this", { content: "noise" });
    const { fetch, sent } = rememberingFetch();
    const url = `data:image/png;base64,${randomBytes(96 * 1024).toString("base64")}`;
    const completion = await client.withOptions({ fetch }).chat.completions.create({
      model: "openai/picture",
      messages: [
        {
          role: "user",
          content: [
            { type: "image_url", image_url: { url } },
            { type: "text", text: "what is this" },
          ],
        },
      ],
    });
    expect(completion.choices[0]?.message.content).toBe("noise");
    const [first, second] = provider.requestsFor("picture");
    expect(String(second?.body)).toBe(sent[0]?.body.replace('"openai/picture"', '"picture"'));
    expect(first?.body.equals(second?.body ?? Buffer.alloc(0))).toBe(true);
    expect(String(second?.body)).toContain(url);
  });
});

describe("Responses, asked of the next key once the first is limited", () => {
  test("as one answer", async () => {
    provider.mock.onMessage("plain response", { content: "responded" });
    const { data, response } = await client.responses.create({ model: "openai/response", input: "plain response" }).withResponse();
    expect(data.output_text).toBe("responded");
    expect(provider.requestsFor("response").map(({ key, path }) => [key, path])).toEqual([
      [LIMITED, "/v1/responses"],
      [GOOD, "/v1/responses"],
    ]);
    expect(Object.fromEntries(response.headers)).toMatchObject(secondKeyHeaders("OPENAI_API_KEYS"));
  });

  test("as a stream, to its last event", async () => {
    provider.mock.onMessage("streamed response", { content: "responded in pieces" });
    let text = "";
    const types: string[] = [];
    for await (const event of await client.responses.create({
      model: "openai/response-stream",
      input: "streamed response",
      stream: true,
    })) {
      types.push(event.type);
      if (event.type === "response.output_text.delta") text += event.delta;
    }
    expect([text, types[0], types.at(-1)]).toEqual(["responded in pieces", "response.created", "response.completed"]);
    expect(provider.keysFor("response-stream")).toEqual([LIMITED, GOOD]);
  });

  test("with a tool and its result", async () => {
    provider.mock.on(
      { userMessage: "response tool", hasToolResult: false },
      { toolCalls: [{ id: "call_2", name: "look", arguments: '{"at":"the sky"}' }] },
    );
    provider.mock.on({ userMessage: "response tool", hasToolResult: true }, { content: "it is blue" });
    const model = "openai/response-tool";
    const tools = [{ type: "function" as const, name: "look", parameters: {}, strict: false }];
    const asked = await client.responses.create({ model, input: "response tool", tools });
    const call = asked.output.find((item) => item.type === "function_call");
    expect(call).toMatchObject({ name: "look", arguments: '{"at":"the sky"}', call_id: "call_2" });
    const answered = await client.responses.create({
      model,
      tools,
      input: [
        { role: "user", content: "response tool" },
        { type: "function_call", name: "look", arguments: '{"at":"the sky"}', call_id: "call_2" },
        { type: "function_call_output", call_id: "call_2", output: "blue" },
      ],
    });
    expect(answered.output_text).toBe("it is blue");
    expect(provider.keysFor("response-tool")).toEqual([LIMITED, GOOD, GOOD]);
  });
});

describe("a command in a message is answered by the gateway, in what the SDK reads", () => {
  const model = "openai/commanded";
  const session = { "x-openclaw-session-key": "commands" };

  test("with Chat Completions", async () => {
    const completion = await client.chat.completions.create({ model, messages: user("/model status") }, { headers: session });
    expect(completion.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: expect.stringContaining("openai") } });
    const stream = client.chat.completions.stream({ model, messages: user("/model status") }, { headers: session });
    expect(await stream.finalContent()).toBe(completion.choices[0]?.message.content);
  });

  test("with Responses", async () => {
    const response = await client.responses.create({ model, input: "/model status" }, { headers: session });
    expect(response).toMatchObject({ status: "completed", output_text: expect.stringContaining("openai") });
    const stream = client.responses.stream({ model, input: "/model status" }, { headers: session });
    expect((await stream.finalResponse()).output_text).toBe(response.output_text);
  });

  test("and changes the model of a session that is named by user", async () => {
    provider.mock.onMessage("who are you", { content: "the chosen one" });
    const say = async (content: string) => {
      const { choices } = await client.chat.completions.create({ model: "openclaw/default", user: "somebody", messages: user(content) });
      return choices[0]?.message.content;
    };
    expect(await say("/model openai/chosen")).toContain("openai/chosen");
    expect(await say("who are you")).toBe("the chosen one");
    expect(provider.keysFor("chosen")).toEqual([LIMITED, GOOD]);
    expect(provider.keysFor("commanded")).toEqual([]);
  });
});

test("embeddings, asked of the next key once the first is limited", async () => {
  provider.mock.onEmbedding("embed this", { embedding: [0.5, -0.25, 1] });
  const { data } = await client.embeddings.create({ model: "openai/embedder", input: "embed this", encoding_format: "float" });
  expect(data[0]?.embedding).toEqual([0.5, -0.25, 1]);
  expect(provider.requestsFor("embedder").map(({ key, path }) => [key, path])).toEqual([
    [LIMITED, "/v1/embeddings"],
    [GOOD, "/v1/embeddings"],
  ]);
});

describe("models", () => {
  test("are listed", async () => {
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toEqual(expect.arrayContaining(["openclaw/default", "openclaw/main", "openai/default-model", "openai/listed-model"]));
  });

  test("are found by their id, slash and all, or not", async () => {
    expect(await client.models.retrieve("openai/listed-model")).toMatchObject({ id: "openai/listed-model", object: "model" });
    expect(await caught(client.models.retrieve("nowhere/model"))).toBeInstanceOf(OpenAI.NotFoundError);
  });
});

describe("errors", () => {
  const ask = (model: string) => client.chat.completions.create({ model, messages: user("hi") });

  test("a wrong token is an AuthenticationError, and nobody is asked", async () => {
    const stranger = client.withOptions({ apiKey: "test-token-wrong" });
    for (const asking of [
      () => stranger.chat.completions.create({ model: "openai/stranger", messages: user("hi") }),
      () => stranger.responses.create({ model: "openai/stranger", input: "hi" }),
      () => stranger.embeddings.create({ model: "openai/stranger", input: "hi" }),
      () => stranger.models.list(),
    ]) {
      const error = await caught(asking());
      expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
      expect(error).toMatchObject({ status: 401, code: "unauthorized" });
    }
    expect(provider.keysFor("stranger")).toEqual([]);
  });

  test("a model there is not is a NotFoundError", async () => {
    const error = await caught(ask("nowhere/model"));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ status: 404, code: "model_not_found", message: expect.stringContaining("nowhere/model") });
  });

  test("when every key is limited it is a RateLimitError that says when to come back", async () => {
    provider.scripted.setReplies(LIMITED, limited);
    provider.scripted.setReplies(GOOD, limited);
    const error = await caught(ask("openai/scripted-limit"));
    if (!(error instanceof OpenAI.RateLimitError)) throw error;
    expect(error.code).toBe("rate_limit_exceeded");
    expect(Number(error.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(error.headers.get("retry-after"))).toBeLessThanOrEqual(7);
    expect(provider.keysFor("scripted-limit")).toEqual([LIMITED, GOOD]);

    const cooling = await caught(ask("openai/scripted-limit"));
    if (!(cooling instanceof OpenAI.RateLimitError)) throw cooling;
    expect(cooling.code).toBe("all_cooling");
    expect(Number(cooling.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(provider.keysFor("scripted-limit")).toEqual([LIMITED, GOOD]);
  });

  test("what the provider refuses comes back as it said it, and no other key is asked", async () => {
    const body = {
      error: { message: "Unknown parameter: 'colour'", type: "invalid_request_error", param: "colour", code: "unknown_parameter" },
    };
    provider.scripted.setReplies(LIMITED, { status: 400, body, headers: { "x-request-id": "req_of_the_provider" } });
    const error = await caught(ask("openai/scripted-refusal"));
    if (!(error instanceof OpenAI.BadRequestError)) throw error;
    expect(error.error).toEqual(body.error);
    expect([error.param, error.code, error.type]).toEqual(["colour", "unknown_parameter", "invalid_request_error"]);
    expect(provider.keysFor("scripted-refusal")).toEqual([LIMITED]);
  });
});

describe("a client that leaves in the middle of a stream", () => {
  test.each([
    [
      "Chat Completions",
      openaiStream(["one", "two"]).slice(0, 2),
      (model: string, signal: AbortSignal) => client.chat.completions.create({ model, messages: user("hi"), stream: true }, { signal }),
    ],
    [
      "Responses",
      ['event: response.created\ndata: {"type":"response.created","response":{"id":"r"}}\n\n'].concat(
        'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"one"}\n\n',
      ),
      (model: string, signal: AbortSignal) => client.responses.create({ model, input: "hi", stream: true }, { signal }),
    ],
  ])("%s: the provider's connection is closed", async (name, stream, ask) => {
    const model = `scripted-abort-${name.toLowerCase().replaceAll(" ", "-")}`;
    provider.scripted.setReplies(LIMITED, limited);
    provider.scripted.setReplies(GOOD, { stream, afterHeaders: "hang" });
    const aborts = provider.scripted.abortedRequests();
    const leaving = new AbortController();
    let events = 0;
    for await (const _event of await ask(`openai/${model}`, leaving.signal)) {
      events += 1;
      leaving.abort();
    }
    expect(events).toBeGreaterThan(0);
    expect(provider.keysFor(model)).toEqual([LIMITED, GOOD]);
    await provider.scripted.waitForAborted(aborts + 1);
  });
});
