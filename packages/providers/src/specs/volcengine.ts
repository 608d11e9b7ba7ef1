import type { ProviderSpec } from "../spec.ts";

/** Volcano Engine (Doubao). `volcengine-plan` is its coding plan and shares its credentials. */
export const volcengine: ProviderSpec = {
  id: "volcengine",
  aliases: ["bytedance", "doubao"],
  env: ["VOLCANO_ENGINE_API_KEY"],
  baseUrl: "https://ark.cn-beijing.volces.com/api/v3",
  otherBaseUrls: {
    "volcengine-plan": "https://ark.cn-beijing.volces.com/api/coding/v3",
  },
  api: "openai-completions",
  auth: "bearer",
  defaultModel: "volcengine-plan/ark-code-latest",
  authKinds: ["api_key"],
};
