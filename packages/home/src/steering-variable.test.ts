import { providerSpecs } from "@openclaw/providers";
import { expect, test } from "vitest";
import { isSteeringVariable } from "./steering-variable.ts";

test.each([
  "OPENCLAW_STATE_DIR",
  "OPENCLAW_HOME",
  "OPENCLAW_CONFIG_PATH",
  "OPENCLAW_GATEWAY_TOKEN",
  "OPENAI_BASE_URL",
  "openai_base_url",
  "NODE_OPTIONS",
  "node_options",
  "NODE_TLS_REJECT_UNAUTHORIZED",
  "PATH",
  "Path",
  "HOME",
  "npm_execpath",
  "NPM_CONFIG_REGISTRY",
  "https_proxy",
  "HTTPS_PROXY",
  "LD_PRELOAD",
  "DYLD_INSERT_LIBRARIES",
  "SSL_CERT_FILE",
  "BASH_ENV",
  "PI_CODING_AGENT_DIR",
])("%s decides where requests go or what runs", (name) => {
  expect(isSteeringVariable(name)).toBe(true);
});

test.each(["NODE_ENV", "PORT", "DATABASE_URL", "MY_PATH", "OPENCLAW_LIVE_OPENAI_KEY"])("%s does not", (name) => {
  expect(isSteeringVariable(name)).toBe(false);
});

test("no variable of a provider does", () => {
  expect(providerSpecs.flatMap((spec) => spec.env).filter((name) => isSteeringVariable(name))).toEqual([]);
});
