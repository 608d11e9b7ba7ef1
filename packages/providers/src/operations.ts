import type { ApiKind, Dialect, Operation } from "./spec.ts";

/** What is the same of an operation wherever it is answered. */
export interface OperationFacts {
  readonly dialect: Dialect;
  /** Interfaces it is a part of. */
  readonly apis: readonly ApiKind[];
  /** Relative to the base URL. `{model}` stands for the name of the model. */
  readonly path: string;
}

/** OpenAI's embeddings are a part of no interface: many that are compatible otherwise have none. */
export const operations: Readonly<Record<Operation, OperationFacts>> = {
  "chat-completions": { dialect: "openai-completions", apis: ["openai-completions"], path: "chat/completions" },
  embeddings: { dialect: "openai-completions", apis: ["embeddings"], path: "embeddings" },
  responses: { dialect: "openai-responses", apis: ["openai-responses", "azure-openai-responses"], path: "responses" },
  messages: { dialect: "anthropic-messages", apis: ["anthropic-messages"], path: "v1/messages" },
  "count-message-tokens": { dialect: "anthropic-messages", apis: ["anthropic-messages"], path: "v1/messages/count_tokens" },
  generateContent: google("generateContent"),
  streamGenerateContent: google("streamGenerateContent"),
  countTokens: google("countTokens"),
  embedContent: google("embedContent"),
  batchEmbedContents: google("batchEmbedContents"),
};

/** What a conversation in a dialect is asked for with. */
export const mainOperations: Readonly<Record<Dialect, Operation>> = {
  "openai-completions": "chat-completions",
  "openai-responses": "responses",
  "anthropic-messages": "messages",
  "google-generative-ai": "generateContent",
};

/** The dialect an operation belongs to. */
export function dialectOf(operation: Operation): Dialect {
  return operations[operation].dialect;
}

function google(method: string): OperationFacts {
  return { dialect: "google-generative-ai", apis: ["google-generative-ai"], path: `models/{model}:${method}` };
}
