import type { ApiKind, ProviderSpec } from "../spec.ts";

/** What a request is made of. */
export interface Ask {
  readonly spec: ProviderSpec;
  readonly baseUrl: URL;
  /** As the provider is sent it. */
  readonly model: string;
  readonly maxTokens: number;
  /** Facts of the credential beside its secret. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A request before it has an address and a credential. */
export interface Draft {
  /** Relative to the base URL, without a leading slash. */
  readonly path: string;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The interfaces of chat models. */
export type ChatApi = Exclude<ApiKind, "embeddings" | "audio" | "image" | "search" | "fetch">;

/** The shortest thing to say. */
const WORD = "hi";

/** OpenAI's Responses refuse to write fewer tokens. */
const FEWEST_RESPONSE_TOKENS = 16;

const messages = [{ role: "user", content: WORD }] as const;

/** The smallest request of each interface, not streamed where there is a choice. */
export const drafts: Readonly<Record<ChatApi, (ask: Ask) => Draft>> = {
  "openai-completions": chatCompletions,
  "github-copilot": chatCompletions,
  "openai-responses": responses,
  "azure-openai-responses": responses,
  // It takes neither a limit of tokens nor an answer that is not streamed, and wants instructions.
  "openai-codex-responses": ({ model }) => ({
    path: "codex/responses",
    body: { model, instructions: "Answer with one word.", input: messages, store: false, stream: true },
    headers: { accept: "text/event-stream", "openai-beta": "responses=experimental" },
  }),
  "anthropic-messages": ({ model, maxTokens }) => ({
    path: "v1/messages",
    body: { model, max_tokens: maxTokens, messages },
    headers: { "anthropic-version": "2023-06-01" },
  }),
  "google-generative-ai": ({ model, maxTokens }) => ({ path: `models/${segment(model)}:generateContent`, body: contents(maxTokens) }),
  "google-vertex": ({ model, maxTokens }) => ({
    path: `v1/publishers/google/models/${segment(model)}:generateContent`,
    body: contents(maxTokens),
  }),
  "google-gemini-cli": ({ model, maxTokens, attributes: { projectId } }) => ({
    path: "v1internal:generateContent",
    body: { model, ...(projectId !== undefined && { project: projectId }), request: contents(maxTokens) },
  }),
  // Under this name OpenClaw talks to Mistral's Chat Completions, with a base URL that lacks the version.
  "mistral-conversations": (ask) => {
    const draft = chatCompletions(ask);
    return /\/v\d+\/*$/u.test(ask.baseUrl.pathname) ? draft : { ...draft, path: `v1/${draft.path}` };
  },
  "bedrock-converse-stream": ({ model, maxTokens }) => ({
    path: `model/${segment(model)}/converse`,
    body: { messages: [{ role: "user", content: [{ text: WORD }] }], inferenceConfig: { maxTokens } },
  }),
  ollama: ({ model, maxTokens }) => ({
    path: "api/chat",
    body: { model, messages, stream: false, options: { num_predict: maxTokens } },
  }),
};

function chatCompletions({ spec, model, maxTokens }: Ask): Draft {
  return { path: "chat/completions", body: { model, messages, [spec.maxTokensField ?? "max_tokens"]: maxTokens } };
}

function responses({ model, maxTokens }: Ask): Draft {
  const max_output_tokens = Math.max(FEWEST_RESPONSE_TOKENS, maxTokens);
  return { path: "responses", body: { model, input: WORD, max_output_tokens, store: false } };
}

/** Google's form of a conversation. */
function contents(maxTokens: number): object {
  return { contents: [{ role: "user", parts: [{ text: WORD }] }], generationConfig: { maxOutputTokens: maxTokens } };
}

/** A model's name as one part of a path, whatever is in it. */
function segment(model: string): string {
  return encodeURIComponent(model);
}
