import type { ProviderSpec } from "../spec.ts";

/** Venice AI. */
export const venice: ProviderSpec = {
  id: "venice",
  env: ["VENICE_API_KEY"],
  baseUrl: "https://api.venice.ai/api/v1",
  api: "openai-completions",
  auth: "bearer",
  endpoints: { embeddings: { path: "embeddings" }, responses: { path: "responses" } },
  defaultModel: "venice/kimi-k2-5",
  authKinds: ["api_key"],
};
