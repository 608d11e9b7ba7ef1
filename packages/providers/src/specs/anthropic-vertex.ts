import type { ProviderSpec } from "../spec.ts";

/** Claude on Google Vertex AI, with application default credentials. */
export const anthropicVertex: ProviderSpec = {
  id: "anthropic-vertex",
  env: [],
  baseUrl: undefined,
  api: "anthropic-messages",
  auth: "bearer",
  authKinds: ["adc"],
};
