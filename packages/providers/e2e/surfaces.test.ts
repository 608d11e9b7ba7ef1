import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { anthropicError, anthropicMessage, openaiCompletion, openaiError, sseEvent } from "@openclaw/testkit";
import OpenAI, { toFile } from "openai";
import { describe, expect, test } from "vitest";
import { setUp } from "./setup.ts";

const apiKey = "test-key-unused";
const messages = [{ role: "user" as const, content: "hi" }];
const audio = await toFile(Buffer.from("test"), "test.wav");

/** What one surface of a provider is asked for, and answers. */
interface Surface {
  readonly name: string;
  readonly provider: string;
  readonly base: string;
  readonly limited: object;
  readonly reply: { readonly body: object } | { readonly stream: readonly string[] };
  readonly path: string;
  ask(url: string, fetch: typeof globalThis.fetch): Promise<unknown>;
}

const openai = (url: string, fetch: typeof globalThis.fetch) => new OpenAI({ apiKey, baseURL: `${url}/v1`, fetch, maxRetries: 0 });
const anthropic = (url: string, fetch: typeof globalThis.fetch) => new Anthropic({ apiKey, baseURL: url, fetch, maxRetries: 0 });
const google = (url: string, fetch: typeof globalThis.fetch) =>
  new GoogleGenAI({ apiKey, apiVersion: "v1beta", httpOptions: { baseUrl: url, fetch } });

const ofOpenai = { provider: "openai", base: "/v1", limited: openaiError("Rate limit reached", "requests", "rate_limit_exceeded") };
const ofAnthropic = {
  provider: "anthropic",
  base: "",
  limited: anthropicError("Number of requests exceeds your limit", "rate_limit_error"),
};
const ofGoogle = {
  provider: "google",
  base: "/v1beta",
  limited: { error: { code: 429, message: "Resource has been exhausted", status: "RESOURCE_EXHAUSTED" } },
};

const responses = [
  { type: "response.created", response: { id: "r" } },
  { type: "response.output_text.delta", delta: "hi" },
  { type: "response.completed", response: { id: "r", output: [] } },
].map((event) => sseEvent(event, event.type));

const surfaces: readonly Surface[] = [
  {
    ...ofOpenai,
    name: "Chat Completions with a tool and a picture",
    reply: { body: openaiCompletion("hi") },
    path: "/v1/chat/completions",
    ask: (url, fetch) =>
      openai(url, fetch).chat.completions.create({
        model: "test-model",
        messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] }],
        tools: [{ type: "function", function: { name: "look", parameters: {} } }],
      }),
  },
  {
    ...ofOpenai,
    name: "Responses",
    reply: { body: { id: "r", object: "response", output: [] } },
    path: "/v1/responses",
    ask: (url, fetch) => openai(url, fetch).responses.create({ model: "test-model", input: "hi" }),
  },
  {
    ...ofOpenai,
    name: "Responses, as a stream",
    reply: { stream: responses },
    path: "/v1/responses",
    async ask(url, fetch) {
      const types: string[] = [];
      for await (const event of await openai(url, fetch).responses.create({ model: "test-model", input: "hi", stream: true }))
        types.push(event.type);
      expect(types.at(-1)).toBe("response.completed");
    },
  },
  {
    ...ofOpenai,
    name: "embeddings",
    reply: { body: { object: "list", data: [] } },
    path: "/v1/embeddings",
    ask: (url, fetch) => openai(url, fetch).embeddings.create({ model: "test-model", input: "hi" }),
  },
  {
    ...ofOpenai,
    name: "images",
    reply: { body: { data: [] } },
    path: "/v1/images/generations",
    ask: (url, fetch) => openai(url, fetch).images.generate({ model: "test-model", prompt: "hi" }),
  },
  {
    ...ofOpenai,
    name: "transcriptions, which are a form",
    reply: { body: { text: "hi" } },
    path: "/v1/audio/transcriptions",
    ask: (url, fetch) => openai(url, fetch).audio.transcriptions.create({ model: "test-model", file: audio }),
  },
  {
    ...ofOpenai,
    name: "the list of models",
    reply: { body: { object: "list", data: [] } },
    path: "/v1/models",
    ask: (url, fetch) => openai(url, fetch).models.list(),
  },
  {
    ...ofAnthropic,
    name: "Messages",
    reply: { body: anthropicMessage("hi") },
    path: "/v1/messages",
    ask: (url, fetch) => anthropic(url, fetch).messages.create({ model: "test-model", max_tokens: 1, messages }),
  },
  {
    ...ofAnthropic,
    name: "counting tokens",
    reply: { body: { input_tokens: 1 } },
    path: "/v1/messages/count_tokens",
    ask: (url, fetch) => anthropic(url, fetch).messages.countTokens({ model: "test-model", messages }),
  },
  {
    ...ofGoogle,
    name: "generateContent",
    reply: { body: { candidates: [] } },
    path: "/v1beta/models/test-model:generateContent",
    ask: (url, fetch) => google(url, fetch).models.generateContent({ model: "test-model", contents: "hi" }),
  },
  {
    ...ofGoogle,
    name: "embedContent",
    reply: { body: { embeddings: [] } },
    path: "/v1beta/models/test-model:batchEmbedContents",
    ask: (url, fetch) => google(url, fetch).models.embedContent({ model: "test-model", contents: "hi" }),
  },
];

describe("every surface asks the next key when one is limited, each once", () => {
  test.each(surfaces)("$provider: $name", async (surface) => {
    const { limited, reply } = surface;
    const { provider, fetch, url } = await setUp(surface, {
      replies: { "test-key-one": [{ status: 429, body: limited, headers: { "retry-after": "18000" } }], "test-key-two": [reply] },
    });
    await surface.ask(url, fetch);
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
    expect(new Set(provider.hits.map(({ path }) => path.split("?", 1)[0]))).toEqual(new Set([surface.path]));
    expect(provider.hits[0]?.body).toEqual(provider.hits[1]?.body);
    expect([provider.unusedReplies(), provider.unexpected()]).toEqual([[], []]);
  });
});
