import type { ProviderSpec } from "../spec.ts";

/** MiniMax in China, the same account as `minimax`. */
export const minimaxCn: ProviderSpec = {
  id: "minimax-cn",
  env: ["MINIMAX_API_KEY"],
  baseUrl: "https://api.minimaxi.com/anthropic",
  api: "anthropic-messages",
  auth: "x-api-key",
  headers: { "anthropic-version": "2023-06-01" },
  authKinds: ["api_key"],
  hidesErrors: true,
};
