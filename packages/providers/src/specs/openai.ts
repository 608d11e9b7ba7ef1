import type { ProviderSpec } from "../spec.ts";

/** OpenAI. Its own interface is Responses; Chat Completions is spoken at the same base URL. */
export const openai: ProviderSpec = {
  id: "openai",
  env: ["OPENAI_API_KEY"],
  baseUrl: "https://api.openai.com/v1",
  api: "openai-responses",
  auth: "bearer",
  maxTokensField: "max_completion_tokens",
  endpoints: { "chat-completions": { path: "chat/completions" }, embeddings: { path: "embeddings" } },
  defaultModel: "openai/gpt-5.4",
  authKinds: ["api_key"],
  isListedFromEnv: true,
  keyPrefixes: ["sk-proj-"],
};
