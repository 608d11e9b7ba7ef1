import type { ProviderSpec } from "../spec.ts";

/** OpenCode Zen. Which interface a model speaks differs by model. */
export const opencode: ProviderSpec = {
  id: "opencode",
  aliases: ["opencode-zen"],
  env: ["OPENCODE_API_KEY", "OPENCODE_ZEN_API_KEY"],
  baseUrl: "https://opencode.ai/zen/v1",
  api: "openai-completions",
  auth: "bearer",
  modelApis: [
    { prefix: "claude-", api: "anthropic-messages", path: "messages" },
    { prefix: "gpt-", api: "openai-responses" },
    { prefix: "gemini-", api: "google-generative-ai" },
  ],
  defaultModel: "opencode/claude-opus-4-6",
  authKinds: ["api_key"],
};
