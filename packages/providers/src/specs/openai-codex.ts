import type { ProviderSpec } from "../spec.ts";

/** OpenAI Codex with a ChatGPT login. */
export const openaiCodex: ProviderSpec = {
  id: "openai-codex",
  env: [],
  baseUrl: "https://chatgpt.com/backend-api",
  api: "openai-codex-responses",
  auth: "bearer",
  defaultModel: "openai-codex/gpt-5.4",
  authKinds: ["oauth"],
};
