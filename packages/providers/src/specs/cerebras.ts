import type { ProviderSpec } from "../spec.ts";

/** Cerebras. */
export const cerebras: ProviderSpec = {
  id: "cerebras",
  env: ["CEREBRAS_API_KEY"],
  baseUrl: "https://api.cerebras.ai/v1",
  api: "openai-completions",
  auth: "bearer",
  authKinds: ["api_key"],
  isListedFromEnv: true,
  keyPrefixes: ["csk-"],
};
