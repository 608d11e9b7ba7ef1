import type { ProviderSpec } from "../spec.ts";

/** Mistral. */
export const mistral: ProviderSpec = {
  id: "mistral",
  env: ["MISTRAL_API_KEY"],
  baseUrl: "https://api.mistral.ai/v1",
  api: "openai-completions",
  auth: "bearer",
  endpoints: { embeddings: { path: "embeddings" } },
  defaultModel: "mistral/mistral-large-latest",
  authKinds: ["api_key"],
  isListedFromEnv: true,
};
