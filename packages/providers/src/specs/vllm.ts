import type { ProviderSpec } from "../spec.ts";

/** vLLM on this machine. Its variable is an opt-in, any value will do. */
export const vllm: ProviderSpec = {
  id: "vllm",
  env: ["VLLM_API_KEY"],
  baseUrl: "http://127.0.0.1:8000/v1",
  api: "openai-completions",
  auth: "bearer",
  endpoints: { embeddings: { path: "embeddings" }, responses: { path: "responses" } },
  authKinds: ["api_key"],
  isLocal: true,
};
