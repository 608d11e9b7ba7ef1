import type { ProviderSpec } from "../spec.ts";

/** Z.AI (Zhipu), with separate hosts for China and for the coding plan. */
export const zai: ProviderSpec = {
  id: "zai",
  aliases: ["z.ai", "z-ai"],
  env: ["ZAI_API_KEY", "Z_AI_API_KEY"],
  baseUrl: "https://api.z.ai/api/paas/v4",
  otherBaseUrls: {
    "coding-global": "https://api.z.ai/api/coding/paas/v4",
    "coding-cn": "https://open.bigmodel.cn/api/coding/paas/v4",
    cn: "https://open.bigmodel.cn/api/paas/v4",
  },
  api: "openai-completions",
  auth: "bearer",
  defaultModel: "zai/glm-5",
  authKinds: ["api_key"],
  isListedFromEnv: true,
};
