import type { ProviderSpec } from "../spec.ts";

/** fal. */
export const fal: ProviderSpec = {
  id: "fal",
  env: ["FAL_KEY"],
  baseUrl: "https://fal.run",
  api: "image",
  auth: "bearer",
  authKinds: ["api_key"],
};
