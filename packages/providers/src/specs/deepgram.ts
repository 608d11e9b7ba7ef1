import type { ProviderSpec } from "../spec.ts";

/** Deepgram. */
export const deepgram: ProviderSpec = {
  id: "deepgram",
  env: ["DEEPGRAM_API_KEY"],
  baseUrl: "https://api.deepgram.com/v1",
  api: "audio",
  // Its API keys; the short-lived tokens it makes of them are bearer tokens.
  auth: "token",
  probe: { method: "GET", path: "auth/token" },
  authKinds: ["api_key"],
};
