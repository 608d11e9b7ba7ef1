import type { ProviderSpec } from "../spec.ts";

/** Exa. */
export const exa: ProviderSpec = {
  id: "exa",
  env: ["EXA_API_KEY"],
  baseUrl: "https://api.exa.ai",
  api: "search",
  auth: "bearer",
  authKinds: ["api_key"],
};
