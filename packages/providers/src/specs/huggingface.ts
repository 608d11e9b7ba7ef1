import type { ProviderSpec } from "../spec.ts";

/** Hugging Face inference providers. */
export const huggingface: ProviderSpec = {
  id: "huggingface",
  env: ["HUGGINGFACE_HUB_TOKEN", "HF_TOKEN"],
  baseUrl: "https://router.huggingface.co/v1",
  api: "openai-completions",
  auth: "bearer",
  defaultModel: "huggingface/deepseek-ai/DeepSeek-R1",
  authKinds: ["api_key"],
  keyPrefixes: ["hf_"],
};
