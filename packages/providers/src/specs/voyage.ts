import type { ProviderSpec } from "../spec.ts";

/** Voyage AI. */
export const voyage: ProviderSpec = {
  id: "voyage",
  env: ["VOYAGE_API_KEY"],
  baseUrl: "https://api.voyageai.com/v1",
  api: "embeddings",
  auth: "bearer",
  // There is nothing to ask that is free.
  probe: { method: "POST", path: "embeddings", body: { input: "hi", model: "voyage-3.5-lite" } },
  authKinds: ["api_key"],
};
