import {
  anthropicError,
  anthropicMessage,
  anthropicStream,
  openaiCompletion,
  openaiError,
  openaiStream,
  sseEvent,
} from "@openclaw/testkit";

/** One surface of the gateway, with a provider that answers it and everything the two say. */
export interface SurfaceSample {
  /** Where a client asks for `test/m`. */
  readonly path: string;
  /** Where the provider is asked for `m`. */
  readonly providerPath: string;
  /** What a client says before the model's name, where the body has it. */
  readonly ask: object;
  readonly provider: { readonly baseUrl: string; readonly api: string };
  readonly answer: object;
  /** Absent where nothing is streamed. */
  readonly stream?: readonly string[];
  /** Of a streamed request, where it is another. */
  readonly streamPath?: string;
  readonly streamProviderPath?: string;
  /** A rate limit as the provider tells it. */
  readonly limit: object;
  /** The same in the middle of a stream, before anything was said. */
  readonly streamedLimit?: readonly string[];
}

const messages = [{ role: "user", content: "hi" }];
const contents = [{ role: "user", parts: [{ text: "hi" }] }];
const openaiLimit = openaiError("Rate limit reached", "requests", "rate_limit_exceeded");
const anthropicLimit = anthropicError("This request would exceed your rate limit", "rate_limit_error");
const googleLimit = { error: { code: 429, message: "Resource has been exhausted (e.g. check quota).", status: "RESOURCE_EXHAUSTED" } };

const openai = { baseUrl: "@PROVIDER@/v1", api: "openai-completions" };
const responses = { baseUrl: "@PROVIDER@/v1", api: "openai-responses" };
const anthropic = { baseUrl: "@PROVIDER@", api: "anthropic-messages" };
const google = { baseUrl: "@PROVIDER@/v1beta", api: "google-generative-ai" };

/** Events of Responses: its beginning, its words, its end. */
function responsesStream(words: readonly string[]): readonly string[] {
  const event = (type: string, fields: object) => sseEvent({ type, ...fields }, type);
  const head = { id: "resp_test", object: "response", model: "test-model", output: [], error: null };
  const part = { type: "output_text", text: "", annotations: [] };
  return [
    event("response.created", { response: { ...head, status: "in_progress" } }),
    event("response.in_progress", { response: { ...head, status: "in_progress" } }),
    event("response.output_item.added", { output_index: 0, item: { id: "msg_1", type: "message", role: "assistant", content: [] } }),
    event("response.content_part.added", { item_id: "msg_1", part }),
    ...words.map((delta) => event("response.output_text.delta", { item_id: "msg_1", delta })),
    event("response.completed", { response: { ...head, status: "completed" } }),
  ];
}

/** Chunks of Gemini's: one per word, and an end. Google ends its lines with both. */
function geminiStream(words: readonly string[]): readonly string[] {
  const chunk = (text: string, end: object) =>
    `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }], role: "model" }, index: 0, ...end }], modelVersion: "test-model" })}\r\n\r\n`;
  return [chunk("", {}), ...words.map((word) => chunk(word, {})), chunk("", { finishReason: "STOP" })];
}

function geminiAnswer(text: string): object {
  return { candidates: [{ content: { parts: [{ text }], role: "model" }, finishReason: "STOP" }], modelVersion: "test-model" };
}

function googleSample(method: string, ask: object, answer: object): SurfaceSample {
  return {
    path: `/v1beta/models/test/m:${method}`,
    providerPath: `/v1beta/models/m:${method}`,
    ask,
    provider: google,
    answer,
    limit: googleLimit,
  };
}

/** Every surface the gateway has. */
export const surfaceSamples: Readonly<Record<string, SurfaceSample>> = {
  "Chat Completions": {
    path: "/v1/chat/completions",
    providerPath: "/v1/chat/completions",
    ask: { model: "test/m", messages },
    provider: openai,
    answer: openaiCompletion("hello"),
    stream: openaiStream(["hel", "lo"]),
    limit: openaiLimit,
    streamedLimit: [...openaiStream([]).slice(0, 1), sseEvent(openaiLimit)],
  },
  Responses: {
    path: "/v1/responses",
    providerPath: "/v1/responses",
    ask: { model: "test/m", input: "hi" },
    provider: responses,
    answer: { id: "resp_test", object: "response", status: "completed", output: [], error: null },
    stream: responsesStream(["hel", "lo"]),
    limit: openaiLimit,
    streamedLimit: [
      ...responsesStream([]).slice(0, 2),
      sseEvent({ type: "response.failed", response: { error: { code: "rate_limit_exceeded", message: "Rate limit reached" } } }),
    ],
  },
  Embeddings: {
    path: "/v1/embeddings",
    providerPath: "/v1/embeddings",
    ask: { model: "test/m", input: ["hi"] },
    provider: openai,
    answer: { object: "list", data: [{ object: "embedding", index: 0, embedding: [0.1, -0.2] }], model: "m" },
    limit: openaiLimit,
  },
  Messages: {
    path: "/v1/messages",
    providerPath: "/v1/messages",
    ask: { model: "test/m", max_tokens: 1, messages },
    provider: anthropic,
    answer: anthropicMessage("hello"),
    stream: anthropicStream(["hel", "lo"]),
    limit: anthropicLimit,
    streamedLimit: [...anthropicStream([]).slice(0, 3), sseEvent(anthropicLimit, "error")],
  },
  "the counting of Messages": {
    path: "/v1/messages/count_tokens",
    providerPath: "/v1/messages/count_tokens",
    ask: { model: "test/m", messages },
    provider: anthropic,
    answer: { input_tokens: 8 },
    limit: anthropicLimit,
  },
  Gemini: {
    ...googleSample("generateContent", { contents }, geminiAnswer("hello")),
    stream: geminiStream(["hel", "lo"]),
    streamPath: "/v1beta/models/test/m:streamGenerateContent?alt=sse",
    streamProviderPath: "/v1beta/models/m:streamGenerateContent?alt=sse",
    streamedLimit: [...geminiStream([]).slice(0, 1), sseEvent(googleLimit)],
  },
  "the counting of Gemini": googleSample("countTokens", { contents }, { totalTokens: 8 }),
  "an embedding of Gemini": googleSample("embedContent", { content: contents[0] }, { embedding: { values: [0.1, -0.2] } }),
  "embeddings of Gemini": googleSample(
    "batchEmbedContents",
    { requests: [{ content: contents[0] }] },
    { embeddings: [{ values: [0.1, -0.2] }] },
  ),
};
