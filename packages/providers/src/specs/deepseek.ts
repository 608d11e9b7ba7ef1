import type { ProviderSpec } from "../spec.ts";

/** DeepSeek. */
export const deepseek: ProviderSpec = {
  id: "deepseek",
  env: ["DEEPSEEK_API_KEY"],
  baseUrl: "https://api.deepseek.com",
  api: "openai-completions",
  auth: "bearer",
  defaultModel: "deepseek/deepseek-chat",
  authKinds: ["api_key"],
};
