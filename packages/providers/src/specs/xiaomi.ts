import type { ProviderSpec } from "../spec.ts";

/** Xiaomi MiMo. */
export const xiaomi: ProviderSpec = {
  id: "xiaomi",
  env: ["XIAOMI_API_KEY"],
  baseUrl: "https://api.xiaomimimo.com/v1",
  api: "openai-completions",
  auth: "bearer",
  defaultModel: "xiaomi/mimo-v2-flash",
  authKinds: ["api_key"],
};
