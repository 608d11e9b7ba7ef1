import type { ProviderSpec } from "../spec.ts";

/** SGLang on this machine. Its variable is an opt-in, any value will do. */
export const sglang: ProviderSpec = {
  id: "sglang",
  env: ["SGLANG_API_KEY"],
  baseUrl: "http://127.0.0.1:30000/v1",
  api: "openai-completions",
  auth: "bearer",
  endpoints: { embeddings: { path: "embeddings" } },
  authKinds: ["api_key"],
  isLocal: true,
};
