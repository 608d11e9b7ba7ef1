import Anthropic from "@anthropic-ai/sdk";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { ApiError, GoogleGenAI } from "@google/genai";
import {
  anthropicError,
  anthropicMessage,
  anthropicStream,
  openaiCompletion,
  openaiError,
  openaiStream,
  sseEvent,
} from "@openclaw/testkit";
import { APICallError, generateText, streamText } from "ai";
import OpenAI from "openai";

/** How an SDK is set up for one call. */
interface SdkCall {
  readonly fetch: typeof fetch;
  /** Without a slash at its end. */
  readonly url: string;
  /** Off unless given: 0. */
  readonly maxRetries?: number;
  readonly signal?: AbortSignal;
}

/** One official SDK, and how its provider answers. */
export interface Sdk {
  readonly name: string;
  /** Of the provider table. */
  readonly provider: string;
  /** What the base URL of the provider has below its host. */
  readonly base: string;
  readonly answer: (text: string) => object;
  readonly stream: (words: readonly string[]) => readonly string[];
  readonly error: (status: number, message: string) => object;
  /** An event that a stream may begin with in place of content. */
  readonly limitEvent: string;
  /** Asks for a completion and returns its text. */
  readonly ask: (call: SdkCall) => Promise<string>;
  /** The same as a stream; `onText` sees each piece. */
  readonly askStream: (call: SdkCall, onText?: (text: string) => void) => Promise<string>;
  /** The class of the SDK's own error for a status. */
  readonly errorClass: (status: number) => abstract new (...args: never[]) => Error;
  /** A header that the SDK kept on its error. */
  readonly headerOf: (error: unknown, name: string) => string | undefined;
}

const placeholder = "test-key-unused";
const messages = [{ role: "user" as const, content: "hi" }];

function openaiClient({ fetch, url, maxRetries = 0 }: SdkCall) {
  return new OpenAI({ apiKey: placeholder, baseURL: `${url}/v1`, fetch, maxRetries });
}

function anthropicClient({ fetch, url, maxRetries = 0 }: SdkCall) {
  return new Anthropic({ apiKey: placeholder, baseURL: url, fetch, maxRetries });
}

function googleClient({ fetch, url, maxRetries = 0 }: SdkCall) {
  const retryOptions = maxRetries > 0 ? { retryOptions: { attempts: maxRetries + 1, initialDelay: 0.001 } } : {};
  return new GoogleGenAI({ apiKey: placeholder, httpOptions: { baseUrl: url, fetch, ...retryOptions } });
}

function googleCandidate(text: string): object {
  return { candidates: [{ content: { role: "model", parts: [{ text }] }, finishReason: "STOP" }] };
}

const openaiReplies = {
  provider: "openai",
  base: "/v1",
  answer: (text: string) => openaiCompletion(text),
  stream: (words: readonly string[]) => openaiStream(words),
  error: (status: number, message: string) => openaiError(message, status === 429 ? "requests" : "invalid_request_error"),
  limitEvent: sseEvent(openaiError("Rate limit reached", "requests", "rate_limit_exceeded")),
};

const anthropicTypes: Readonly<Record<number, string>> = { 401: "authentication_error", 429: "rate_limit_error", 529: "overloaded_error" };

const anthropicReplies = {
  provider: "anthropic",
  base: "",
  answer: (text: string) => anthropicMessage(text),
  stream: (words: readonly string[]) => anthropicStream(words),
  error: (status: number, message: string) => anthropicError(message, anthropicTypes[status]),
  limitEvent: sseEvent(anthropicError("This request would exceed your rate limit", "rate_limit_error"), "error"),
};

async function textOf(pieces: AsyncIterable<string | undefined>, onText: (text: string) => void = () => undefined): Promise<string> {
  let all = "";
  for await (const piece of pieces) {
    if (piece === undefined || piece === "") continue;
    onText(piece);
    all += piece;
  }
  return all;
}

const openai: Sdk = {
  name: "openai",
  ...openaiReplies,
  errorClass: (status) =>
    status === 401
      ? OpenAI.AuthenticationError
      : status === 429
        ? OpenAI.RateLimitError
        : status < 500
          ? OpenAI.BadRequestError
          : OpenAI.InternalServerError,
  headerOf: (error, name) => (error instanceof OpenAI.APIError ? (error.headers?.get(name) ?? undefined) : undefined),
  async ask(call) {
    const completion = await openaiClient(call).chat.completions.create({ model: "test-model", messages }, { signal: call.signal });
    return completion.choices[0]?.message.content ?? "";
  },
  async askStream(call, onText) {
    const stream = await openaiClient(call).chat.completions.create(
      { model: "test-model", messages, stream: true },
      { signal: call.signal },
    );
    return textOf(
      map(stream, (chunk) => chunk.choices[0]?.delta.content ?? undefined),
      onText,
    );
  },
};

const anthropic: Sdk = {
  name: "@anthropic-ai/sdk",
  ...anthropicReplies,
  errorClass: (status) =>
    status === 401
      ? Anthropic.AuthenticationError
      : status === 429
        ? Anthropic.RateLimitError
        : status < 500
          ? Anthropic.BadRequestError
          : Anthropic.InternalServerError,
  headerOf: (error, name) => (error instanceof Anthropic.APIError ? (error.headers?.get(name) ?? undefined) : undefined),
  async ask(call) {
    const message = await anthropicClient(call).messages.create({ model: "test-model", max_tokens: 9, messages }, { signal: call.signal });
    return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
  },
  async askStream(call, onText) {
    const request = { model: "test-model", max_tokens: 9, messages, stream: true } as const;
    const stream = await anthropicClient(call).messages.create(request, { signal: call.signal });
    return textOf(
      map(stream, (event) => (event.type === "content_block_delta" && event.delta.type === "text_delta" ? event.delta.text : undefined)),
      onText,
    );
  },
};

const google: Sdk = {
  name: "@google/genai",
  provider: "google",
  base: "/v1beta",
  answer: googleCandidate,
  stream: (words) => words.map((word) => sseEvent(googleCandidate(word))),
  error: (status, message) => ({ error: { code: status, message, status: status === 429 ? "RESOURCE_EXHAUSTED" : "INVALID_ARGUMENT" } }),
  limitEvent: sseEvent({ error: { code: 429, message: "Resource has been exhausted", status: "RESOURCE_EXHAUSTED" } }),
  errorClass: () => ApiError,
  // It keeps the status and the body, and no header.
  headerOf: () => undefined,
  async ask(call) {
    const config = call.signal ? { abortSignal: call.signal } : {};
    const answer = await googleClient(call).models.generateContent({ model: "test-model", contents: "hi", config });
    return answer.text ?? "";
  },
  async askStream(call, onText) {
    const config = call.signal ? { abortSignal: call.signal } : {};
    const stream = await googleClient(call).models.generateContentStream({ model: "test-model", contents: "hi", config });
    return textOf(
      map(stream, (chunk) => chunk.text),
      onText,
    );
  },
};

function vercel(
  name: string,
  replies: Omit<Sdk, "name" | "ask" | "askStream" | "errorClass" | "headerOf">,
  modelOf: (call: SdkCall) => VercelModel,
): Sdk {
  const settings = ({ maxRetries = 0, signal }: SdkCall) => ({
    prompt: "hi",
    maxOutputTokens: 9,
    maxRetries,
    ...(signal && { abortSignal: signal }),
  });
  return {
    name,
    ...replies,
    errorClass: () => APICallError,
    headerOf: (error, name) => (APICallError.isInstance(error) ? error.responseHeaders?.[name] : undefined),
    async ask(call) {
      return (await generateText({ model: modelOf(call), ...settings(call) })).text;
    },
    async askStream(call, onText) {
      let failure: { readonly error: unknown } | undefined;
      const onError = ({ error }: { readonly error: unknown }) => void (failure ??= { error });
      const { textStream } = streamText({ model: modelOf(call), ...settings(call), onError });
      const text = await textOf(textStream, onText);
      if (failure) throw failure.error;
      return text;
    },
  };
}

type VercelModel = ReturnType<ReturnType<typeof createOpenAI>["chat"]> | ReturnType<ReturnType<typeof createAnthropic>>;

/** Every official SDK that a provider's `fetch` can be given to. */
export const sdks: readonly Sdk[] = [
  openai,
  anthropic,
  google,
  vercel("ai with @ai-sdk/openai", openaiReplies, ({ fetch, url }) =>
    createOpenAI({ apiKey: placeholder, baseURL: `${url}/v1`, fetch }).chat("test-model"),
  ),
  vercel("ai with @ai-sdk/anthropic", anthropicReplies, ({ fetch, url }) =>
    createAnthropic({ apiKey: placeholder, baseURL: `${url}/v1`, fetch })("test-model"),
  ),
];

/** What the SDKs are given in place of a key. No provider may see it. */
export const placeholderKey = placeholder;

async function* map<T, U>(items: AsyncIterable<T>, change: (item: T) => U): AsyncIterable<U> {
  for await (const item of items) yield change(item);
}
