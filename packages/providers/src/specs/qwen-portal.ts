import type { ProviderSpec } from "../spec.ts";

/** The Qwen login, which the vendor closed. It stays known so that an old profile gets the advice to move to `modelstudio`. */
export const qwenPortal: ProviderSpec = {
  id: "qwen-portal",
  env: [],
  baseUrl: "https://portal.qwen.ai/v1",
  api: "openai-completions",
  auth: "bearer",
  authKinds: ["oauth"],
};
