import type { ProviderSpec } from "../spec.ts";

/** Tavily. */
export const tavily: ProviderSpec = {
  id: "tavily",
  env: ["TAVILY_API_KEY"],
  baseUrl: "https://api.tavily.com",
  api: "search",
  auth: "bearer",
  probe: { method: "GET", path: "usage" },
  authKinds: ["api_key"],
  keyPrefixes: ["tvly-"],
};
