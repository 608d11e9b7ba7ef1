import type { ProviderSpec } from "../spec.ts";

/** Google Vertex AI, with a key or application default credentials. */
export const googleVertex: ProviderSpec = {
  id: "google-vertex",
  env: ["GOOGLE_CLOUD_API_KEY"],
  baseUrl: "https://{location}-aiplatform.googleapis.com",
  api: "google-vertex",
  auth: "x-goog-api-key",
  authKinds: ["api_key", "adc"],
  isListedFromEnv: true,
};
