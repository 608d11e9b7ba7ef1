import type { ProviderSpec } from "../spec.ts";

/** Brave Search. */
export const brave: ProviderSpec = {
  id: "brave",
  env: ["BRAVE_API_KEY"],
  baseUrl: "https://api.search.brave.com",
  api: "search",
  auth: "x-subscription-token",
  // Nothing else can be asked: this counts as one search.
  probe: { method: "GET", path: "res/v1/web/search?q=hi&count=1" },
  authKinds: ["api_key"],
};
