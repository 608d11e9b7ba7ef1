import { randomBytes } from "node:crypto";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { anthropicError, anthropicStream, caught, openaiError, openaiStream, sseEvent } from "@openclaw/testkit";
import { APICallError, embed, generateText, isStepCount, streamText, tool, type LanguageModel } from "ai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { GOOD, LIMITED, type MockProvider } from "./mock-provider.ts";
import { rememberingFetch, secondKeyHeaders, startSdkGateway, type SdkGateway } from "./sdk-gateway.ts";

let gateway: SdkGateway;
let provider: MockProvider;

beforeAll(async () => {
  gateway = await startSdkGateway();
  ({ provider } = gateway);
});
afterAll(() => gateway.close());

interface Connection {
  readonly token?: string;
  readonly fetch?: typeof fetch;
}

const openai = ({ token = gateway.token, fetch }: Connection = {}) =>
  createOpenAI({ baseURL: `${gateway.url}/v1`, apiKey: token, ...(fetch && { fetch }) });
const anthropic = ({ token = gateway.token, fetch }: Connection = {}) =>
  createAnthropic({ baseURL: `${gateway.url}/v1`, apiKey: token, ...(fetch && { fetch }) });

interface Interface {
  readonly name: string;
  /** Where the keys of its provider are. */
  readonly variable: string;
  readonly model: (id: string, connection?: Connection) => LanguageModel;
  readonly limited: object;
  /** The beginning of a stream, to its first word. */
  readonly beginning: readonly string[];
}

const ofOpenai = { variable: "OPENAI_API_KEYS", limited: openaiError("Rate limit reached", "requests", "rate_limit_exceeded") };

const interfaces: readonly Interface[] = [
  {
    ...ofOpenai,
    name: "chat of @ai-sdk/openai",
    model: (id, connection) => openai(connection).chat(`openai/${id}`),
    beginning: openaiStream(["one"]).slice(0, 2),
  },
  {
    ...ofOpenai,
    name: "responses of @ai-sdk/openai, its default",
    model: (id, connection) => openai(connection)(`openai/${id}`),
    beginning: [
      sseEvent({ type: "response.created", response: { id: "r", created_at: 1, model: "m" } }, "response.created"),
      sseEvent(
        { type: "response.output_item.added", output_index: 0, item: { type: "message", id: "i", role: "assistant", content: [] } },
        "response.output_item.added",
      ),
      sseEvent(
        { type: "response.output_text.delta", item_id: "i", output_index: 0, content_index: 0, delta: "one" },
        "response.output_text.delta",
      ),
    ],
  },
  {
    name: "@ai-sdk/anthropic",
    variable: "ANTHROPIC_API_KEYS",
    model: (id, connection) => anthropic(connection)(`anthropic/${id}`),
    limited: anthropicError("Number of requests exceeds your limit", "rate_limit_error"),
    beginning: anthropicStream(["one"]).slice(0, 4),
  },
];

describe.each(interfaces)("$name, asked of the next key once the first is limited", ({ name, variable, model, limited, beginning }) => {
  /** A model nobody asked for yet. */
  const fresh = (what: string) => `${what} of ${name}`.replaceAll(/[^a-z]+/gu, "-");
  const settings = { maxRetries: 0 };
  /** It would be written to the console. */
  const onError = () => undefined;
  const limit = { status: 429, body: limited, headers: { "retry-after": "7" } };

  test("answers, and its headers say what it took", async () => {
    provider.mock.onMessage("plain question", { content: "plain answer" });
    const { text, response } = await generateText({ model: model(fresh("plain")), prompt: "plain question", ...settings });
    expect(text).toBe("plain answer");
    expect(provider.keysFor(fresh("plain"))).toEqual([LIMITED, GOOD]);
    expect(response.headers).toMatchObject(secondKeyHeaders(variable));
  });

  test("streams", async () => {
    provider.mock.onMessage("streamed question", { content: "a streamed answer of a few words" });
    const { textStream } = streamText({ model: model(fresh("streamed")), prompt: "streamed question", onError, ...settings });
    let text = "";
    for await (const piece of textStream) text += piece;
    expect(text).toBe("a streamed answer of a few words");
    expect(provider.keysFor(fresh("streamed"))).toEqual([LIMITED, GOOD]);
  });

  test("calls tools side by side, and takes their results", async () => {
    const toolCalls = ["Oslo", "Rome"].map((city) => ({ id: `call_${city}`, name: "weather", arguments: JSON.stringify({ city }) }));
    provider.mock.on({ userMessage: "two cities", hasToolResult: false }, { toolCalls });
    provider.mock.on({ hasToolResult: true }, { content: "Oslo is colder" });
    const cities: string[] = [];
    const weather = tool({
      inputSchema: z.object({ city: z.string() }),
      execute({ city }) {
        cities.push(city);
        return `It is ${city === "Oslo" ? 2 : 19} degrees in ${city}`;
      },
    });
    const { text, steps } = await generateText({
      model: model(fresh("tools")),
      prompt: "two cities",
      tools: { weather },
      stopWhen: isStepCount(2),
      ...settings,
    });
    expect([text, steps.length]).toEqual(["Oslo is colder", 2]);
    expect(cities).toEqual(["Oslo", "Rome"]);
    expect(provider.keysFor(fresh("tools"))).toEqual([LIMITED, GOOD, GOOD]);
    expect(String(provider.requestsFor(fresh("tools"))[2]?.body)).toContain("It is 19 degrees in Rome");
  });

  test("sends a picture byte for byte", async () => {
    provider.mock.onMessage("what is this", { content: "noise" });
    const image = randomBytes(64 * 1024);
    const { fetch, sent } = rememberingFetch();
    const { text } = await generateText({
      model: model(fresh("picture"), { fetch }),
      messages: [
        {
          role: "user",
          content: [
            { type: "file", data: image, mediaType: "image/png" },
            { type: "text", text: "what is this" },
          ],
        },
      ],
      ...settings,
    });
    expect(text).toBe("noise");
    const [, second] = provider.requestsFor(fresh("picture"));
    expect(String(second?.body)).toContain(image.toString("base64"));
    expect(String(second?.body)).toBe(sent[0]?.body.replace(/"(?:openai|anthropic)\//u, '"'));
    expect(provider.keysFor(fresh("picture"))).toEqual([LIMITED, GOOD]);
  });

  test("reads the gateway's own answer to a command in a message", async () => {
    const request = { model: model(fresh("commanded")), prompt: "/model status", headers: { "x-openclaw-session-key": name }, ...settings };
    const { text, finishReason } = await generateText(request);
    expect([text, finishReason]).toEqual([expect.stringContaining("commanded"), "stop"]);
    let streamed = "";
    for await (const piece of streamText({ ...request, onError }).textStream) streamed += piece;
    expect(streamed).toBe(text);
    expect(provider.keysFor(fresh("commanded"))).toEqual([]);
  });

  test("knows its errors: a wrong token, a model there is not, limits everywhere, a refusal", async () => {
    const failing = (asked: LanguageModel) => caught(generateText({ model: asked, prompt: "hi", ...settings }));
    expect(await failing(model(fresh("stranger"), { token: "test-token-wrong" }))).toMatchObject({ statusCode: 401, isRetryable: false });

    provider.scripted.setReplies(LIMITED, limit);
    provider.scripted.setReplies(GOOD, limit);
    const limitedEverywhere = await failing(model(fresh("scripted limit")));
    if (!APICallError.isInstance(limitedEverywhere)) throw limitedEverywhere;
    expect([limitedEverywhere.statusCode, limitedEverywhere.isRetryable]).toEqual([429, true]);
    expect(Number(limitedEverywhere.responseHeaders?.["retry-after"])).toBeGreaterThan(0);

    const body = JSON.stringify({ type: "error", error: { type: "invalid_request_error", message: "no such colour" } });
    provider.scripted.setReplies(LIMITED, { status: 400, body, headers: { "content-type": "application/json" } });
    const refused = await failing(model(fresh("scripted refusal")));
    expect(APICallError.isInstance(refused)).toBe(true);
    expect(refused).toMatchObject({ statusCode: 400, responseBody: body, message: "no such colour" });
    expect(provider.keysFor(fresh("scripted refusal"))).toEqual([LIMITED]);
  });

  test("left in the middle of a stream, closes the provider's connection", async () => {
    provider.scripted.setReplies(LIMITED, limit);
    provider.scripted.setReplies(GOOD, { stream: beginning, afterHeaders: "hang" });
    const aborts = provider.scripted.abortedRequests();
    const leaving = new AbortController();
    const { textStream } = streamText({
      model: model(fresh("scripted abort")),
      prompt: "hi",
      abortSignal: leaving.signal,
      onError,
      ...settings,
    });
    const words: string[] = [];
    for await (const word of textStream) {
      words.push(word);
      leaving.abort();
    }
    expect(words).toEqual(["one"]);
    expect(provider.keysFor(fresh("scripted abort"))).toEqual([LIMITED, GOOD]);
    await provider.scripted.waitForAborted(aborts + 1);
  });
});

test("a model there is not is a 404", async () => {
  const asking = generateText({ model: openai().chat("nowhere/model"), prompt: "hi", maxRetries: 0 });
  expect(await caught(asking)).toMatchObject({ statusCode: 404, message: expect.stringContaining("nowhere/model") });
});

test("embeddings of @ai-sdk/openai, asked of the next key once the first is limited", async () => {
  provider.mock.onEmbedding("embed this", { embedding: [0.5, -0.25, 1] });
  const { embedding } = await embed({ model: openai().embedding("openai/embedder"), value: "embed this", maxRetries: 0 });
  expect(embedding).toEqual([0.5, -0.25, 1]);
  expect(provider.keysFor("embedder")).toEqual([LIMITED, GOOD]);
});
