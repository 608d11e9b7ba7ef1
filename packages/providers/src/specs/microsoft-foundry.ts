import type { ProviderSpec } from "../spec.ts";

/** Azure OpenAI in Microsoft Foundry. The operator names the base URL of the resource. */
export const microsoftFoundry: ProviderSpec = {
  id: "microsoft-foundry",
  env: ["AZURE_OPENAI_API_KEY"],
  baseUrl: undefined,
  api: "openai-responses",
  auth: "api-key",
  maxTokensField: "max_completion_tokens",
  endpoints: { "chat-completions": { path: "chat/completions" }, embeddings: { path: "embeddings" } },
  authKinds: ["api_key"],
};
