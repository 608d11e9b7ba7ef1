import type { ProviderSpec } from "../spec.ts";

/** Anthropic. API keys go as `x-api-key`; setup tokens (`sk-ant-oat…`) are bearer tokens of a flat plan. */
export const anthropic: ProviderSpec = {
  id: "anthropic",
  env: ["ANTHROPIC_OAUTH_TOKEN", "ANTHROPIC_API_KEY"],
  baseUrl: "https://api.anthropic.com",
  api: "anthropic-messages",
  auth: "x-api-key",
  headers: { "anthropic-version": "2023-06-01" },
  defaultModel: "anthropic/claude-opus-4-6",
  authKinds: ["api_key", "token"],
  subscriptionPrefixes: ["sk-ant-oat"],
  subscriptionVariables: ["ANTHROPIC_OAUTH_TOKEN"],
  bearerHeaders: { "anthropic-beta": "oauth-2025-04-20" },
  isListedFromEnv: true,
  keyPrefixes: ["sk-ant-api03-", "sk-ant-oat01-"],
};
