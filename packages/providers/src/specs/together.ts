import type { ProviderSpec } from "../spec.ts";

/** Together AI. */
export const together: ProviderSpec = {
  id: "together",
  env: ["TOGETHER_API_KEY"],
  baseUrl: "https://api.together.xyz/v1",
  api: "openai-completions",
  auth: "bearer",
  endpoints: { embeddings: { path: "embeddings" } },
  defaultModel: "together/moonshotai/Kimi-K2.5",
  authKinds: ["api_key"],
};
