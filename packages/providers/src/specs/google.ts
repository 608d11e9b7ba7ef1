import type { ProviderSpec } from "../spec.ts";

/** Google Gemini with an AI Studio key. An interface compatible with OpenAI is spoken beside its own. */
export const google: ProviderSpec = {
  id: "google",
  env: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
  baseUrl: "https://generativelanguage.googleapis.com/v1beta",
  api: "google-generative-ai",
  auth: "x-goog-api-key",
  endpoints: {
    "chat-completions": { path: "openai/chat/completions", auth: "bearer" },
    embeddings: { path: "openai/embeddings", auth: "bearer" },
  },
  defaultModel: "google/gemini-3.1-pro-preview",
  authKinds: ["api_key"],
  isListedFromEnv: true,
  keyPrefixes: ["AIza"],
};
