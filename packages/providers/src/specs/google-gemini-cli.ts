import type { ProviderSpec } from "../spec.ts";

/** Gemini through the login of Google's CLI. */
export const googleGeminiCli: ProviderSpec = {
  id: "google-gemini-cli",
  env: [],
  baseUrl: "https://cloudcode-pa.googleapis.com",
  api: "google-gemini-cli",
  auth: "bearer",
  defaultModel: "google-gemini-cli/gemini-3.1-pro-preview",
  authKinds: ["oauth"],
};
