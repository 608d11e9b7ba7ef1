import type { ProviderSpec } from "../spec.ts";

/** Firecrawl. */
export const firecrawl: ProviderSpec = {
  id: "firecrawl",
  env: ["FIRECRAWL_API_KEY"],
  baseUrl: "https://api.firecrawl.dev",
  api: "fetch",
  auth: "bearer",
  probe: { method: "GET", path: "v1/team/credit-usage" },
  authKinds: ["api_key"],
  keyPrefixes: ["fc-"],
};
