import type { ProviderSpec } from "../spec.ts";

/** Groq. */
export const groq: ProviderSpec = {
  id: "groq",
  env: ["GROQ_API_KEY"],
  baseUrl: "https://api.groq.com/openai/v1",
  api: "openai-completions",
  auth: "bearer",
  endpoints: { responses: { path: "responses" } },
  authKinds: ["api_key"],
  isListedFromEnv: true,
  keyPrefixes: ["gsk_"],
};
