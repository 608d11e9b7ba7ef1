import type { ProviderSpec } from "../spec.ts";

/** xAI. */
export const xai: ProviderSpec = {
  id: "xai",
  env: ["XAI_API_KEY"],
  baseUrl: "https://api.x.ai/v1",
  api: "openai-completions",
  auth: "bearer",
  endpoints: { responses: { path: "responses" } },
  defaultModel: "xai/grok-4",
  authKinds: ["api_key"],
  isListedFromEnv: true,
  keyPrefixes: ["xai-"],
};
