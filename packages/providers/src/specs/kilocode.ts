import type { ProviderSpec } from "../spec.ts";

/** Kilo Code. */
export const kilocode: ProviderSpec = {
  id: "kilocode",
  env: ["KILOCODE_API_KEY"],
  baseUrl: "https://api.kilo.ai/api/gateway/",
  api: "openai-completions",
  auth: "bearer",
  defaultModel: "kilocode/kilo/auto",
  authKinds: ["api_key"],
  isAggregator: true,
};
