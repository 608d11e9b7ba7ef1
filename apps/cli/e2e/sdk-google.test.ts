import { randomBytes } from "node:crypto";
import { ApiError, FunctionCallingConfigMode, GoogleGenAI } from "@google/genai";
import { caught, sseEvent } from "@openclaw/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GOOD, LIMITED, type MockProvider } from "./mock-provider.ts";
import { rememberingFetch, secondKeyHeaders, startSdkGateway, type SdkGateway } from "./sdk-gateway.ts";

let gateway: SdkGateway;
let provider: MockProvider;
let client: GoogleGenAI;
const limited = {
  status: 429,
  body: { error: { code: 429, message: "Resource has been exhausted", status: "RESOURCE_EXHAUSTED" } },
  headers: { "retry-after": "7" },
};

beforeAll(async () => {
  gateway = await startSdkGateway();
  ({ provider } = gateway);
  client = clientWith();
});
afterAll(() => gateway.close());

/** The SDK's own version of the interface, unless told otherwise. */
function clientWith({ apiKey = gateway.token, ...options }: { apiKey?: string; apiVersion?: string; fetch?: typeof fetch } = {}) {
  const { apiVersion, fetch } = options;
  return new GoogleGenAI({ apiKey, ...(apiVersion && { apiVersion }), httpOptions: { baseUrl: gateway.url, ...(fetch && { fetch }) } });
}

describe("generateContent, asked of the next key once the first is limited", () => {
  test.each([undefined, "v1beta"])("as one answer, whose headers say what it took (version %s)", async (apiVersion) => {
    const model = `plain-${apiVersion ?? "own"}`;
    const usage = { promptTokenCount: 3, candidatesTokenCount: 4 };
    provider.mock.onMessage("plain question", { content: "plain answer", usage });
    const answer = await clientWith({ ...(apiVersion && { apiVersion }) }).models.generateContent({
      model: `google/${model}`,
      contents: "plain question",
    });
    expect(answer.text).toBe("plain answer");
    expect(answer.usageMetadata).toMatchObject(usage);
    expect(provider.requestsFor(model).map(({ key, path }) => [key, path.split("?", 1)[0]])).toEqual([
      [LIMITED, `/v1beta/models/${model}:generateContent`],
      [GOOD, `/v1beta/models/${model}:generateContent`],
    ]);
    expect(answer.sdkHttpResponse?.headers).toMatchObject(secondKeyHeaders("GEMINI_API_KEYS"));
  });

  test("of a model that is called as Google calls it", async () => {
    provider.mock.onMessage("bare question", { content: "bare answer" });
    expect((await client.models.generateContent({ model: "bare-model", contents: "bare question" })).text).toBe("bare answer");
    expect(provider.keysFor("bare-model")).toEqual([LIMITED, GOOD]);
  });

  test("as a stream", async () => {
    provider.mock.onMessage("streamed question", { content: "a streamed answer of a few words" });
    let text = "";
    let parts = 0;
    for await (const chunk of await client.models.generateContentStream({ model: "google/streamed", contents: "streamed question" })) {
      text += chunk.text ?? "";
      parts += 1;
    }
    expect(text).toBe("a streamed answer of a few words");
    expect(parts).toBeGreaterThan(1);
    expect(provider.requestsFor("streamed").map(({ key, path }) => [key, path])).toEqual([
      [LIMITED, "/v1beta/models/streamed:streamGenerateContent?alt=sse"],
      [GOOD, "/v1beta/models/streamed:streamGenerateContent?alt=sse"],
    ]);
  });

  test("with tools that run side by side, and their results", async () => {
    provider.mock.on(
      { userMessage: "two cities", hasToolResult: false },
      {
        toolCalls: [
          { name: "weather", arguments: '{"city":"Oslo"}' },
          { name: "weather", arguments: '{"city":"Rome"}' },
        ],
      },
    );
    provider.mock.on({ hasToolResult: true, toolResultContains: "19 degrees" }, { content: "Oslo is colder" });
    const config = {
      tools: [
        { functionDeclarations: [{ name: "weather", parametersJsonSchema: { type: "object", properties: { city: { type: "string" } } } }] },
      ],
      toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } },
    };
    const chat = client.chats.create({ model: "google/tools", config });
    const asked = await chat.sendMessage({ message: "two cities" });
    expect(asked.functionCalls?.map(({ name, args }) => [name, args])).toEqual([
      ["weather", { city: "Oslo" }],
      ["weather", { city: "Rome" }],
    ]);
    const answered = await chat.sendMessage({
      message: ["2 degrees", "19 degrees"].map((output) => ({ functionResponse: { name: "weather", response: { output } } })),
    });
    expect(answered.text).toBe("Oslo is colder");
    expect(provider.keysFor("tools")).toEqual([LIMITED, GOOD, GOOD]);
  });

  test("with a tool call in a stream", async () => {
    provider.mock.onMessage("streamed tool", { toolCalls: [{ name: "look", arguments: '{"at":"the sea"}' }] });
    const calls: unknown[] = [];
    const config = { tools: [{ functionDeclarations: [{ name: "look" }] }] };
    const stream = await client.models.generateContentStream({ model: "google/streamed-tool", contents: "streamed tool", config });
    for await (const { functionCalls = [] } of stream) calls.push(...functionCalls);
    expect(calls).toMatchObject([{ name: "look", args: { at: "the sea" } }]);
    expect(provider.keysFor("streamed-tool")).toEqual([LIMITED, GOOD]);
  });

  test("with a picture, which arrives byte for byte, as does the rest", async () => {
    provider.mock.onMessage("what is this", { content: "noise" });
    const { fetch, sent } = rememberingFetch();
    const data = randomBytes(96 * 1024).toString("base64");
    const answer = await clientWith({ fetch }).models.generateContent({
      model: "google/picture",
      contents: [{ role: "user", parts: [{ inlineData: { mimeType: "image/png", data } }, { text: "what is this" }] }],
    });
    expect(answer.text).toBe("noise");
    const [first, second] = provider.requestsFor("picture");
    expect(String(second?.body)).toBe(sent[0]?.body);
    expect(first?.body.equals(second?.body ?? Buffer.alloc(0))).toBe(true);
    expect(String(second?.body)).toContain(data);
  });
});

test("a command in a message is answered by the gateway, in what the SDK reads", async () => {
  const config = { httpOptions: { headers: { "x-openclaw-session-key": "commands" } } };
  const request = { model: "google/commanded", contents: "/model status", config };
  const { text, candidates } = await client.models.generateContent(request);
  expect([text, candidates?.[0]?.finishReason]).toEqual([expect.stringContaining("google"), "STOP"]);
  let streamed = "";
  for await (const chunk of await client.models.generateContentStream(request)) streamed += chunk.text ?? "";
  expect(streamed).toBe(text);
  expect(provider.keysFor("commanded")).toEqual([]);
});

test("tokens are counted and texts embedded with the next key once the first is limited", async () => {
  provider.scripted.setReplies(LIMITED, limited);
  provider.scripted.setReplies(GOOD, [{ body: { totalTokens: 17 } }, { body: { embeddings: [{ values: [0.5, -0.25, 1] }] } }]);
  const { totalTokens } = await client.models.countTokens({ model: "google/scripted-count", contents: "how long is this" });
  expect(totalTokens).toBe(17);
  expect(provider.keysFor("scripted-count")).toEqual([LIMITED, GOOD]);

  const { embeddings } = await client.models.embedContent({ model: "google/scripted-embedder", contents: "embed this" });
  expect(embeddings).toEqual([{ values: [0.5, -0.25, 1] }]);
  const [, second] = provider.requestsFor("scripted-embedder");
  expect(provider.keysFor("scripted-embedder")).toEqual([LIMITED, GOOD]);
  expect(JSON.parse(String(second?.body))).toMatchObject({ requests: [{ model: "models/scripted-embedder" }] });
});

test("models are listed, and found by their id, slash and all, or not", async () => {
  const names: unknown[] = [];
  for await (const { name } of await client.models.list()) names.push(name);
  expect(names).toEqual(expect.arrayContaining(["models/openclaw/default", "models/openai/listed-model"]));
  expect(await client.models.get({ model: "openai/listed-model" })).toMatchObject({ name: "models/openai/listed-model" });
  expect(await caught(client.models.get({ model: "nowhere/model" }))).toMatchObject({ status: 404 });
});

describe("errors", () => {
  const ask = (model: string) => client.models.generateContent({ model, contents: "hi" });

  test("a wrong token is a 401, and nobody is asked", async () => {
    const stranger = clientWith({ apiKey: "test-token-wrong" });
    const error = await caught(stranger.models.generateContent({ model: "google/stranger", contents: "hi" }));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 401 });
    expect(provider.keysFor("stranger")).toEqual([]);
  });

  test("a model there is not is a 404 in Google's shape", async () => {
    const error = await caught(ask("nowhere/model"));
    if (!(error instanceof ApiError)) throw error;
    expect(error.status).toBe(404);
    expect(JSON.parse(error.message)).toMatchObject({
      error: { code: 404, status: "NOT_FOUND", message: expect.stringContaining("nowhere/model") },
    });
  });

  test("when every key is limited it is a 429, the provider's first and then the gateway's", async () => {
    provider.scripted.setReplies(LIMITED, limited);
    provider.scripted.setReplies(GOOD, limited);
    for (const message of ["Resource has been exhausted", "cooling down"]) {
      const error = await caught(ask("google/scripted-limit"));
      if (!(error instanceof ApiError)) throw error;
      expect(error.status).toBe(429);
      expect(JSON.parse(error.message)).toMatchObject({
        error: { code: 429, status: "RESOURCE_EXHAUSTED", message: expect.stringContaining(message) },
      });
    }
    expect(provider.keysFor("scripted-limit")).toEqual([LIMITED, GOOD]);
  });

  test("what the provider refuses comes back as it said it, and no other key is asked", async () => {
    const body = { error: { code: 400, message: 'Unknown name "colour"', status: "INVALID_ARGUMENT", details: [{ field: "colour" }] } };
    provider.scripted.setReplies(LIMITED, { status: 400, body });
    const error = await caught(ask("google/scripted-refusal"));
    if (!(error instanceof ApiError)) throw error;
    expect([error.status, JSON.parse(error.message)]).toEqual([400, body]);
    expect(provider.keysFor("scripted-refusal")).toEqual([LIMITED]);
  });
});

test("when a client leaves in the middle of a stream, the provider's connection is closed", async () => {
  provider.scripted.setReplies(LIMITED, limited);
  const candidate = { content: { role: "model", parts: [{ text: "one" }] } };
  provider.scripted.setReplies(GOOD, { stream: [sseEvent({ candidates: [candidate] })], afterHeaders: "hang" });
  const aborts = provider.scripted.abortedRequests();
  const leaving = new AbortController();
  const stream = await client.models.generateContentStream({
    model: "google/scripted-abort",
    contents: "hi",
    config: { abortSignal: leaving.signal },
  });
  await caught(
    (async () => {
      for await (const { text } of stream) if (text === "one") leaving.abort();
    })(),
  );
  expect(provider.keysFor("scripted-abort")).toEqual([LIMITED, GOOD]);
  await provider.scripted.waitForAborted(aborts + 1);
});
