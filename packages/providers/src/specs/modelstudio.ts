import type { ProviderSpec } from "../spec.ts";

/** Alibaba Cloud Model Studio. */
export const modelstudio: ProviderSpec = {
  id: "modelstudio",
  env: ["MODELSTUDIO_API_KEY"],
  baseUrl: "https://coding-intl.dashscope.aliyuncs.com/v1",
  otherBaseUrls: {
    "coding-cn": "https://coding.dashscope.aliyuncs.com/v1",
    "standard-cn": "https://dashscope.aliyuncs.com/compatible-mode/v1",
    standard: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
  },
  api: "openai-completions",
  auth: "bearer",
  defaultModel: "modelstudio/qwen3.5-plus",
  authKinds: ["api_key"],
};
