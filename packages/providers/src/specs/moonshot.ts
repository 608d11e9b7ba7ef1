import type { ProviderSpec } from "../spec.ts";

/** Moonshot AI. */
export const moonshot: ProviderSpec = {
  id: "moonshot",
  env: ["MOONSHOT_API_KEY"],
  baseUrl: "https://api.moonshot.ai/v1",
  otherBaseUrls: {
    cn: "https://api.moonshot.cn/v1",
  },
  api: "openai-completions",
  auth: "bearer",
  defaultModel: "moonshot/kimi-k2.5",
  authKinds: ["api_key"],
};
