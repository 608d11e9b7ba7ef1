import type { ProviderSpec } from "../spec.ts";

/** Perplexity. */
export const perplexity: ProviderSpec = {
  id: "perplexity",
  // OPENROUTER_API_KEY is left out: a key must not go to another vendor's host.
  env: ["PERPLEXITY_API_KEY"],
  baseUrl: "https://api.perplexity.ai",
  api: "search",
  auth: "bearer",
  probe: { method: "GET", path: "v1/async/sonar" },
  authKinds: ["api_key"],
  keyPrefixes: ["pplx-"],
};
