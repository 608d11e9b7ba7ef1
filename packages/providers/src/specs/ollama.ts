import type { ProviderSpec } from "../spec.ts";

/** Ollama on this machine. */
export const ollama: ProviderSpec = {
  id: "ollama",
  env: ["OLLAMA_API_KEY"],
  baseUrl: "http://127.0.0.1:11434",
  api: "ollama",
  auth: "bearer",
  endpoints: {
    "chat-completions": { path: "v1/chat/completions" },
    embeddings: { path: "v1/embeddings" },
    responses: { path: "v1/responses" },
  },
  defaultModel: "ollama/glm-4.7-flash",
  authKinds: ["api_key"],
  isLocal: true,
};
