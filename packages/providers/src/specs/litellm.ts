import type { ProviderSpec } from "../spec.ts";

/** A LiteLLM proxy. Not `isLocal`: it wants its key, and what it hands on costs money. */
export const litellm: ProviderSpec = {
  id: "litellm",
  env: ["LITELLM_API_KEY"],
  baseUrl: "http://localhost:4000",
  api: "openai-completions",
  auth: "bearer",
  endpoints: { embeddings: { path: "embeddings" }, responses: { path: "responses" }, messages: { path: "v1/messages" } },
  defaultModel: "litellm/claude-opus-4-6",
  authKinds: ["api_key"],
};
