import type { ProviderSpec } from "../spec.ts";

/** Synthetic. */
export const synthetic: ProviderSpec = {
  id: "synthetic",
  env: ["SYNTHETIC_API_KEY"],
  baseUrl: "https://api.synthetic.new/anthropic",
  api: "anthropic-messages",
  auth: "x-api-key",
  headers: { "anthropic-version": "2023-06-01" },
  defaultModel: "synthetic/hf:MiniMaxAI/MiniMax-M2.5",
  authKinds: ["api_key"],
  isListedFromEnv: true,
};
