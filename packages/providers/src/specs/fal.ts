import type { ProviderSpec } from "../spec.ts";

/** fal. */
export const fal: ProviderSpec = {
  id: "fal",
  env: ["FAL_KEY"],
  baseUrl: "https://fal.run",
  api: "image",
  // Nothing to ask at this address is free, and an image costs too much for a look: there is no probe.
  auth: "key",
  authKinds: ["api_key"],
};
