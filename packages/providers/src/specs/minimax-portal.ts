import type { ProviderSpec } from "../spec.ts";

/** MiniMax with a login. */
export const minimaxPortal: ProviderSpec = {
  id: "minimax-portal",
  env: ["MINIMAX_OAUTH_TOKEN", "MINIMAX_API_KEY"],
  baseUrl: "https://api.minimax.io/anthropic",
  api: "anthropic-messages",
  auth: "bearer",
  headers: { "anthropic-version": "2023-06-01" },
  defaultModel: "minimax-portal/MiniMax-M2.7",
  authKinds: ["oauth"],
  subscriptionVariables: ["MINIMAX_OAUTH_TOKEN"],
  hidesErrors: true,
};
