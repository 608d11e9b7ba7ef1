import type { ProviderSpec } from "../spec.ts";

/** Deepgram. */
export const deepgram: ProviderSpec = {
  id: "deepgram",
  env: ["DEEPGRAM_API_KEY"],
  baseUrl: "https://api.deepgram.com/v1",
  api: "audio",
  auth: "bearer",
  authKinds: ["api_key"],
};
