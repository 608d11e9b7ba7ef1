import type { ProviderSpec } from "../spec.ts";

/** The Copilot proxy of an editor on this machine. */
export const copilotProxy: ProviderSpec = {
  id: "copilot-proxy",
  env: [],
  baseUrl: "http://localhost:3000/v1",
  api: "openai-completions",
  auth: "bearer",
  authKinds: ["token"],
  isLocal: true,
};
