import type { ProviderSpec } from "../spec.ts";

/** Kimi for coding, which documents also call `kimi-coding`. */
export const kimi: ProviderSpec = {
  id: "kimi",
  aliases: ["kimi-code", "kimi-coding"],
  env: ["KIMI_API_KEY", "KIMICODE_API_KEY"],
  baseUrl: "https://api.kimi.com/coding/",
  api: "anthropic-messages",
  auth: "x-api-key",
  headers: { "anthropic-version": "2023-06-01" },
  defaultModel: "kimi/kimi-code",
  authKinds: ["api_key"],
};
