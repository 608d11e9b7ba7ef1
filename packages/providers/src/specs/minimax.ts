import type { ProviderSpec } from "../spec.ts";

/** MiniMax with an API key. */
export const minimax: ProviderSpec = {
  id: "minimax",
  env: ["MINIMAX_API_KEY"],
  baseUrl: "https://api.minimax.io/anthropic",
  otherBaseUrls: {
    cn: "https://api.minimaxi.com/anthropic",
  },
  api: "anthropic-messages",
  auth: "x-api-key",
  headers: { "anthropic-version": "2023-06-01" },
  defaultModel: "minimax/MiniMax-M2.7",
  authKinds: ["api_key"],
  hidesErrors: true,
};
