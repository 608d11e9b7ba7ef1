import { randomBytes } from "node:crypto";
import Anthropic from "@anthropic-ai/sdk";
import { anthropicError, anthropicStream, caught } from "@openclaw/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GOOD, LIMITED, type MockProvider } from "./mock-provider.ts";
import { rememberingFetch, secondKeyHeaders, startSdkGateway, type SdkGateway } from "./sdk-gateway.ts";

let gateway: SdkGateway;
let provider: MockProvider;
let client: Anthropic;
const limited = {
  status: 429,
  body: anthropicError("Number of requests exceeds your limit", "rate_limit_error"),
  headers: { "retry-after": "7" },
};

beforeAll(async () => {
  gateway = await startSdkGateway();
  ({ provider } = gateway);
  client = new Anthropic({ baseURL: gateway.url, apiKey: gateway.token, authToken: null, maxRetries: 0 });
});
afterAll(() => gateway.close());

const user = (content: string) => ({ max_tokens: 99, messages: [{ role: "user" as const, content }] });
const textOf = ({ content }: Anthropic.Message) => content.map((block) => (block.type === "text" ? block.text : "")).join("");

describe("Messages, asked of the next key once the first is limited", () => {
  test("as one answer, whose headers say what it took", async () => {
    provider.mock.onMessage("plain question", { content: "plain answer" });
    const { data, response } = await client.messages.create({ model: "anthropic/plain", ...user("plain question") }).withResponse();
    expect([textOf(data), data.stop_reason]).toEqual(["plain answer", "end_turn"]);
    expect(provider.keysFor("plain")).toEqual([LIMITED, GOOD]);
    expect(Object.fromEntries(response.headers)).toMatchObject(secondKeyHeaders("ANTHROPIC_API_KEYS"));
  });

  test("with the token as a bearer token and the model as Anthropic calls it, as Claude Code does", async () => {
    provider.mock.onMessage("bearer question", { content: "bearer answer" });
    const bearer = new Anthropic({ baseURL: gateway.url, apiKey: null, authToken: gateway.token, maxRetries: 0 });
    expect(textOf(await bearer.messages.create({ model: "bearer", ...user("bearer question") }))).toBe("bearer answer");
    expect(provider.keysFor("bearer")).toEqual([LIMITED, GOOD]);
    expect(provider.requestsFor("bearer").map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  test("with the token in both headers, as a helper of Claude Code has it sent, but not with two tokens", async () => {
    provider.mock.onMessage("helped question", { content: "helped answer" });
    const asking = (token: string) =>
      client.messages.create(
        { model: "anthropic/helped", ...user("helped question") },
        { headers: { authorization: `Bearer ${token}`, "x-api-key": gateway.token } },
      );
    expect(textOf(await asking(gateway.token))).toBe("helped answer");
    expect(await caught(asking("test-token-wrong"))).toBeInstanceOf(Anthropic.BadRequestError);
    expect(provider.keysFor("helped")).toEqual([LIMITED, GOOD]);
  });

  test("as a stream, event by event", async () => {
    provider.mock.onMessage("streamed question", { content: "a streamed answer of a few words" });
    const stream = client.messages.stream({ model: "anthropic/streamed", ...user("streamed question") });
    const types = new Set<string>();
    stream.on("streamEvent", ({ type }) => void types.add(type));
    const message = await stream.finalMessage();
    expect(textOf(message)).toBe("a streamed answer of a few words");
    expect([...types]).toEqual(expect.arrayContaining(["message_start", "content_block_delta", "message_delta", "message_stop"]));
    expect(provider.keysFor("streamed")).toEqual([LIMITED, GOOD]);
  });

  test("with tools that run side by side, and their results", async () => {
    const toolCalls = [
      { id: "toolu_oslo", name: "weather", arguments: '{"city":"Oslo"}' },
      { id: "toolu_rome", name: "weather", arguments: '{"city":"Rome"}' },
    ];
    provider.mock.on({ userMessage: "two cities", hasToolResult: false }, { toolCalls });
    provider.mock.on({ hasToolResult: true, toolResultContains: "19 degrees" }, { content: "Oslo is colder" });
    const request = {
      model: "anthropic/tools",
      max_tokens: 99,
      tools: [{ name: "weather", input_schema: { type: "object" as const, properties: { city: { type: "string" } } } }],
    };
    const question = { role: "user" as const, content: "two cities" };
    const asked = await client.messages.create({ ...request, messages: [question] });
    expect(asked).toMatchObject({
      stop_reason: "tool_use",
      content: [
        { type: "tool_use", id: "toolu_oslo", name: "weather", input: { city: "Oslo" } },
        { type: "tool_use", id: "toolu_rome", name: "weather", input: { city: "Rome" } },
      ],
    });
    const results = [
      { type: "tool_result" as const, tool_use_id: "toolu_oslo", content: "2 degrees" },
      { type: "tool_result" as const, tool_use_id: "toolu_rome", content: "19 degrees" },
    ];
    const answered = await client.messages.create({
      ...request,
      messages: [question, { role: "assistant", content: asked.content }, { role: "user", content: results }],
    });
    expect(textOf(answered)).toBe("Oslo is colder");
    expect(provider.keysFor("tools")).toEqual([LIMITED, GOOD, GOOD]);
    expect(JSON.parse(String(provider.requestsFor("tools")[2]?.body)).messages[2].content).toEqual(results);
  });

  test("with a tool call in a stream", async () => {
    provider.mock.onMessage("streamed tool", { toolCalls: [{ id: "toolu_1", name: "look", arguments: '{"at":"the sea"}' }] });
    const tools = [{ name: "look", input_schema: { type: "object" as const } }];
    const message = await client.messages.stream({ model: "anthropic/streamed-tool", tools, ...user("streamed tool") }).finalMessage();
    expect(message.content).toMatchObject([{ type: "tool_use", id: "toolu_1", name: "look", input: { at: "the sea" } }]);
    expect(provider.keysFor("streamed-tool")).toEqual([LIMITED, GOOD]);
  });

  test("with a picture, which arrives byte for byte, as does the rest", async () => {
    provider.mock.onMessage("what is this", { content: "noise" });
    const { fetch, sent } = rememberingFetch();
    const data = randomBytes(96 * 1024).toString("base64");
    const source = { type: "base64" as const, media_type: "image/png" as const, data };
    const message = await client.withOptions({ fetch }).messages.create({
      model: "anthropic/picture",
      max_tokens: 99,
      messages: [
        {
          role: "user",
          content: [
            { type: "image", source },
            { type: "text", text: "what is this" },
          ],
        },
      ],
    });
    expect(textOf(message)).toBe("noise");
    const [first, second] = provider.requestsFor("picture");
    expect(String(second?.body)).toBe(sent[0]?.body.replace('"anthropic/picture"', '"picture"'));
    expect(first?.body.equals(second?.body ?? Buffer.alloc(0))).toBe(true);
    expect(String(second?.body)).toContain(data);
  });

  test("with the version and the beta features the SDK names", async () => {
    provider.mock.onMessage("beta question", { content: "beta answer" });
    const betas = ["context-1m-2025-08-07", "interleaved-thinking-2025-05-14"];
    const { fetch, sent } = rememberingFetch();
    await client.withOptions({ fetch }).beta.messages.create({ model: "anthropic/beta", betas, ...user("beta question") });
    expect(provider.keysFor("beta")).toEqual([LIMITED, GOOD]);
    expect(provider.requestsFor("beta")[1]).toMatchObject({
      path: sent[0]?.url.slice(gateway.url.length),
      headers: { "anthropic-beta": betas.join(","), "anthropic-version": sent[0]?.headers.get("anthropic-version") },
    });
  });
});

test("a command in a message is answered by the gateway, in what the SDK reads", async () => {
  const request = { model: "anthropic/commanded", ...user("/model status") };
  const headers = { "x-openclaw-session-key": "commands" };
  const message = await client.messages.create(request, { headers });
  expect([textOf(message), message.stop_reason]).toEqual([expect.stringContaining("anthropic"), "end_turn"]);
  expect(textOf(await client.messages.stream(request, { headers }).finalMessage())).toBe(textOf(message));
  expect(provider.keysFor("commanded")).toEqual([]);
});

test("tokens are counted with the next key once the first is limited", async () => {
  provider.scripted.setReplies(LIMITED, limited);
  provider.scripted.setReplies(GOOD, { body: { input_tokens: 17 } });
  const { max_tokens: _most, ...question } = user("how long is this");
  expect(await client.messages.countTokens({ model: "anthropic/scripted-count", ...question })).toEqual({ input_tokens: 17 });
  expect(provider.requestsFor("scripted-count").map(({ key, path }) => [key, path])).toEqual([
    [LIMITED, "/v1/messages/count_tokens"],
    [GOOD, "/v1/messages/count_tokens"],
  ]);
});

test("models are listed, and found by their id, slash and all, or not", async () => {
  const ids: string[] = [];
  for await (const model of client.models.list()) ids.push(model.id);
  expect(ids).toEqual(expect.arrayContaining(["openclaw/default", "openclaw/main", "openai/listed-model"]));
  expect(await client.models.retrieve("openai/listed-model")).toMatchObject({ id: "openai/listed-model", type: "model" });
  expect(await caught(client.models.retrieve("nowhere/model"))).toBeInstanceOf(Anthropic.NotFoundError);
});

describe("errors", () => {
  const ask = (model: string) => client.messages.create({ model, ...user("hi") });

  test("a wrong token is an AuthenticationError, and nobody is asked", async () => {
    const stranger = client.withOptions({ apiKey: "test-token-wrong" });
    for (const asking of [
      () => stranger.messages.create({ model: "anthropic/stranger", ...user("hi") }),
      () => stranger.messages.countTokens({ model: "anthropic/stranger", messages: [] }),
    ]) {
      const error = await caught(asking());
      expect(error).toBeInstanceOf(Anthropic.AuthenticationError);
      expect(error).toMatchObject({ status: 401, type: "authentication_error" });
    }
    expect(provider.keysFor("stranger")).toEqual([]);
  });

  test("a model there is not is a NotFoundError", async () => {
    const error = await caught(ask("nowhere/model"));
    expect(error).toBeInstanceOf(Anthropic.NotFoundError);
    expect(error).toMatchObject({ status: 404, type: "not_found_error", message: expect.stringContaining("nowhere/model") });
  });

  test("a model of a provider that speaks another dialect is a BadRequestError that names the path", async () => {
    const error = await caught(ask("openai/other-dialect"));
    expect(error).toBeInstanceOf(Anthropic.BadRequestError);
    expect(error).toMatchObject({ type: "invalid_request_error", message: expect.stringContaining("/v1/chat/completions") });
  });

  test("when every key is limited it is a RateLimitError that says when to come back", async () => {
    provider.scripted.setReplies(LIMITED, limited);
    provider.scripted.setReplies(GOOD, limited);
    for (const round of ["the provider's", "the gateway's"]) {
      const error = await caught(ask("anthropic/scripted-limit"));
      if (!(error instanceof Anthropic.RateLimitError)) throw error;
      expect([round, error.type]).toEqual([round, "rate_limit_error"]);
      expect(Number(error.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(Number(error.headers.get("retry-after"))).toBeLessThanOrEqual(7);
    }
    expect(provider.keysFor("scripted-limit")).toEqual([LIMITED, GOOD]);
  });

  test("what the provider refuses comes back as it said it, and no other key is asked", async () => {
    const body = { ...anthropicError("messages.0.colour: Extra inputs are not permitted"), request_id: "req_of_the_provider" };
    provider.scripted.setReplies(LIMITED, { status: 400, body, headers: { "request-id": "req_of_the_provider" } });
    const error = await caught(ask("anthropic/scripted-refusal"));
    if (!(error instanceof Anthropic.BadRequestError)) throw error;
    expect([error.error, error.requestID, error.type]).toEqual([body, "req_of_the_provider", "invalid_request_error"]);
    expect(provider.keysFor("scripted-refusal")).toEqual([LIMITED]);
  });

  test("an error in the middle of a stream is the SDK's own", async () => {
    provider.scripted.setReplies(LIMITED, limited);
    const overloaded = `event: error\ndata: ${JSON.stringify(anthropicError("Overloaded", "overloaded_error"))}\n\n`;
    provider.scripted.setReplies(GOOD, { stream: [...anthropicStream(["one"]).slice(0, 4), overloaded] });
    const stream = client.messages.stream({ model: "anthropic/scripted-overload", ...user("hi") });
    const words: string[] = [];
    stream.on("text", (text) => void words.push(text));
    const error = await caught(stream.finalMessage());
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error).toMatchObject({ type: "overloaded_error" });
    expect(words).toEqual(["one"]);
    expect(provider.keysFor("scripted-overload")).toEqual([LIMITED, GOOD]);
  });
});

test("when a client leaves in the middle of a stream, the provider's connection is closed", async () => {
  provider.scripted.setReplies(LIMITED, limited);
  provider.scripted.setReplies(GOOD, { stream: anthropicStream(["one", "two"]).slice(0, 4), afterHeaders: "hang" });
  const aborts = provider.scripted.abortedRequests();
  const stream = client.messages.stream({ model: "anthropic/scripted-abort", ...user("hi") });
  stream.on("text", () => stream.abort());
  expect(await caught(stream.finalMessage())).toBeInstanceOf(Anthropic.APIUserAbortError);
  expect(provider.keysFor("scripted-abort")).toEqual([LIMITED, GOOD]);
  await provider.scripted.waitForAborted(aborts + 1);
});
