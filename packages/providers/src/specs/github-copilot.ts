import type { ProviderSpec } from "../spec.ts";

/** GitHub Copilot. The GitHub token is exchanged for a short-lived one, which also says which host to ask. */
export const githubCopilot: ProviderSpec = {
  id: "github-copilot",
  env: ["COPILOT_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"],
  baseUrl: "https://api.individual.githubcopilot.com",
  api: "github-copilot",
  auth: "bearer",
  defaultModel: "github-copilot/gpt-4o",
  authKinds: ["token", "oauth"],
  subscriptionVariables: ["COPILOT_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"],
  isListedFromEnv: true,
  oauth: {
    deviceUrl: "https://github.com/login/device/code",
    tokenUrl: "https://github.com/login/oauth/access_token",
  },
  keyPrefixes: ["ghu_", "gho_", "ghp_", "github_pat_"],
};
