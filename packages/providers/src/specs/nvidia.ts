import type { ProviderSpec } from "../spec.ts";

/** NVIDIA NIM. */
export const nvidia: ProviderSpec = {
  id: "nvidia",
  env: ["NVIDIA_API_KEY"],
  baseUrl: "https://integrate.api.nvidia.com/v1",
  api: "openai-completions",
  auth: "bearer",
  endpoints: { embeddings: { path: "embeddings" } },
  defaultModel: "nvidia/nvidia/llama-3.1-nemotron-70b-instruct",
  authKinds: ["api_key"],
  keyPrefixes: ["nvapi-"],
};
