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
  oauth: {
    authorizationUrl: "https://accounts.google.com/o/oauth2/v2/auth",
    tokenUrl: "https://oauth2.googleapis.com/token",
    userinfoUrl: "https://www.googleapis.com/oauth2/v1/userinfo?alt=json",
    scopes: [
      "https://www.googleapis.com/auth/cloud-platform",
      "https://www.googleapis.com/auth/userinfo.email",
      "https://www.googleapis.com/auth/userinfo.profile",
    ],
    redirectHost: "localhost",
    redirectPort: 8085,
    redirectPath: "/oauth2callback",
    // Without these Google gives no refresh token, or none at a second login.
    authorizationParameters: { access_type: "offline", prompt: "consent" },
    clientIdVariables: ["OPENCLAW_GEMINI_OAUTH_CLIENT_ID", "GEMINI_CLI_OAUTH_CLIENT_ID"],
  },
};
