import type { ProviderSpec } from "../spec.ts";

/** Chutes, with a key or a login. */
export const chutes: ProviderSpec = {
  id: "chutes",
  env: ["CHUTES_API_KEY", "CHUTES_OAUTH_TOKEN"],
  baseUrl: "https://llm.chutes.ai/v1",
  api: "openai-completions",
  auth: "bearer",
  defaultModel: "chutes/zai-org/GLM-4.7-TEE",
  authKinds: ["api_key", "oauth"],
  subscriptionVariables: ["CHUTES_OAUTH_TOKEN"],
  oauth: {
    authorizationUrl: "https://api.chutes.ai/idp/authorize",
    tokenUrl: "https://api.chutes.ai/idp/token",
    userinfoUrl: "https://api.chutes.ai/idp/userinfo",
    issuer: "https://api.chutes.ai",
    clientIdVariables: ["CHUTES_CLIENT_ID"],
    clientSecretVariables: ["CHUTES_CLIENT_SECRET"],
  },
};
