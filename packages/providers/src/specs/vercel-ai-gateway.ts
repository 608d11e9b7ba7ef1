import type { ProviderSpec } from "../spec.ts";

/** Vercel AI Gateway. */
export const vercelAiGateway: ProviderSpec = {
  id: "vercel-ai-gateway",
  env: ["AI_GATEWAY_API_KEY"],
  baseUrl: "https://ai-gateway.vercel.sh",
  api: "anthropic-messages",
  auth: "x-api-key",
  endpoints: {
    "chat-completions": { path: "v1/chat/completions", auth: "bearer" },
    embeddings: { path: "v1/embeddings", auth: "bearer" },
    responses: { path: "v1/responses", auth: "bearer" },
  },
  headers: { "anthropic-version": "2023-06-01" },
  defaultModel: "vercel-ai-gateway/anthropic/claude-opus-4.6",
  authKinds: ["api_key"],
};
