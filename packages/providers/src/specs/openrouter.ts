import type { ProviderSpec } from "../spec.ts";

/** OpenRouter. */
export const openrouter: ProviderSpec = {
  id: "openrouter",
  env: ["OPENROUTER_API_KEY"],
  baseUrl: "https://openrouter.ai/api/v1",
  api: "openai-completions",
  auth: "bearer",
  endpoints: { embeddings: { path: "embeddings" }, responses: { path: "responses" }, messages: { path: "messages" } },
  defaultModel: "openrouter/auto",
  authKinds: ["api_key"],
  isAggregator: true,
  isListedFromEnv: true,
  keyPrefixes: ["sk-or-v1-"],
};
