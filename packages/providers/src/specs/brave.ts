import type { ProviderSpec } from "../spec.ts";

/** Brave Search. */
export const brave: ProviderSpec = {
  id: "brave",
  env: ["BRAVE_API_KEY"],
  baseUrl: "https://api.search.brave.com",
  api: "search",
  auth: "x-subscription-token",
  authKinds: ["api_key"],
};
