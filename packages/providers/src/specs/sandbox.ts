import type { ProviderSpec } from "../spec.ts";

/** A stand-in to try things with. The gateway that offers it also supplies its base URL. */
export const sandbox: ProviderSpec = {
  id: "sandbox",
  env: ["SANDBOX_API_KEY"],
  baseUrl: undefined,
  api: "openai-completions",
  auth: "bearer",
  defaultModel: "sandbox/demo",
  authKinds: ["api_key"],
  isLocal: true,
};
