import type { ProviderSpec } from "../spec.ts";

/** Baidu Qianfan. */
export const qianfan: ProviderSpec = {
  id: "qianfan",
  env: ["QIANFAN_API_KEY"],
  baseUrl: "https://qianfan.baidubce.com/v2",
  api: "openai-completions",
  auth: "bearer",
  endpoints: { embeddings: { path: "embeddings" } },
  defaultModel: "qianfan/deepseek-v3.2",
  authKinds: ["api_key"],
};
