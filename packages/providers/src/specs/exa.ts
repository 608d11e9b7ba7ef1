import type { ProviderSpec } from "../spec.ts";

/** Exa. */
export const exa: ProviderSpec = {
  id: "exa",
  env: ["EXA_API_KEY"],
  baseUrl: "https://api.exa.ai",
  api: "search",
  auth: "bearer",
  // Nothing else can be asked: this counts as one search.
  probe: { method: "POST", path: "search", body: { query: "hi", numResults: 1 } },
  authKinds: ["api_key"],
};
