import type { ProviderSpec } from "../spec.ts";

/** OpenCode Go, with the key of OpenCode Zen. Some of its models speak Anthropic's interface. */
export const opencodeGo: ProviderSpec = {
  id: "opencode-go",
  aliases: ["opencode-go-auth"],
  env: ["OPENCODE_API_KEY", "OPENCODE_ZEN_API_KEY"],
  baseUrl: "https://opencode.ai/zen/go/v1",
  api: "openai-completions",
  auth: "bearer",
  modelApis: [{ prefix: "minimax-", api: "anthropic-messages", path: "messages" }],
  defaultModel: "opencode-go/kimi-k2.5",
  authKinds: ["api_key"],
};
