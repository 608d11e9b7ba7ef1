import type { ProviderSpec } from "../spec.ts";

/** Cloudflare AI Gateway. The profile's metadata fills the placeholders. */
export const cloudflareAiGateway: ProviderSpec = {
  id: "cloudflare-ai-gateway",
  env: ["CLOUDFLARE_AI_GATEWAY_API_KEY"],
  baseUrl: "https://gateway.ai.cloudflare.com/v1/{accountId}/{gatewayId}/anthropic",
  api: "anthropic-messages",
  auth: "x-api-key",
  headers: { "anthropic-version": "2023-06-01" },
  defaultModel: "cloudflare-ai-gateway/claude-sonnet-4-5",
  authKinds: ["api_key"],
};
