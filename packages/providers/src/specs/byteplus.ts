import type { ProviderSpec } from "../spec.ts";

/** BytePlus. `byteplus-plan` is its coding plan and shares its credentials. */
export const byteplus: ProviderSpec = {
  id: "byteplus",
  env: ["BYTEPLUS_API_KEY"],
  baseUrl: "https://ark.ap-southeast.bytepluses.com/api/v3",
  otherBaseUrls: {
    "byteplus-plan": "https://ark.ap-southeast.bytepluses.com/api/coding/v3",
  },
  api: "openai-completions",
  auth: "bearer",
  defaultModel: "byteplus-plan/ark-code-latest",
  authKinds: ["api_key"],
};
