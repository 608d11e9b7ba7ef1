import type { ProviderSpec } from "../spec.ts";

/** Voyage AI. */
export const voyage: ProviderSpec = {
  id: "voyage",
  env: ["VOYAGE_API_KEY"],
  baseUrl: "https://api.voyageai.com/v1",
  api: "embeddings",
  auth: "bearer",
  authKinds: ["api_key"],
};
