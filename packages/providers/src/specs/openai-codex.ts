import type { ProviderSpec } from "../spec.ts";

/** OpenAI Codex with a ChatGPT login. */
export const openaiCodex: ProviderSpec = {
  id: "openai-codex",
  env: [],
  baseUrl: "https://chatgpt.com/backend-api",
  api: "openai-codex-responses",
  auth: "bearer",
  attributeHeaders: { accountId: "chatgpt-account-id" },
  defaultModel: "openai-codex/gpt-5.4",
  authKinds: ["oauth"],
  oauth: {
    authorizationUrl: "https://auth.openai.com/oauth/authorize",
    tokenUrl: "https://auth.openai.com/oauth/token",
    scopes: ["openid", "profile", "email", "offline_access"],
    redirectHost: "localhost",
    redirectPort: 1455,
    redirectPath: "/auth/callback",
    accountClaim: ["https://api.openai.com/auth", "chatgpt_account_id"],
  },
};
