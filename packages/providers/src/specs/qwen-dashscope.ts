import type { ProviderSpec } from "../spec.ts";

/** Alibaba DashScope. The operator names the base URL. */
export const qwenDashscope: ProviderSpec = {
  id: "qwen-dashscope",
  env: ["DASHSCOPE_API_KEY"],
  baseUrl: undefined,
  api: "openai-completions",
  auth: "bearer",
  endpoints: { embeddings: { path: "embeddings" } },
  authKinds: ["api_key"],
};
