import type { AuthProfile } from "@openclaw/auth-profiles";
import { findProvider, type ProviderSpec } from "@openclaw/providers";
import { Secret } from "@openclaw/secrets";
import { describe, expect, test } from "vitest";
import { billingOfKey, profileBilling } from "./billing.ts";

function specOf(id: string): ProviderSpec {
  const spec = findProvider(id);
  if (!spec) throw new Error(`no provider ${id}`);
  return spec;
}

describe("a key", () => {
  test.each([
    ["anthropic", "ANTHROPIC_API_KEY", "test-key-one", "metered"],
    ["anthropic", "ANTHROPIC_OAUTH_TOKEN", "test-key-one", "subscription"],
    ["anthropic", "ANTHROPIC_API_KEY", "sk-ant-oat01-test", "subscription"],
    ["anthropic", undefined, "sk-ant-oat01-test", "subscription"],
    ["anthropic", undefined, "test-key-one", "metered"],
    ["openai", "OPENAI_API_KEY", "sk-ant-oat01-test", "metered"],
    ["github-copilot", "GH_TOKEN", "test-key-one", "subscription"],
    ["ollama", "OLLAMA_API_KEY", "test-key-one", "local"],
    ["litellm", "LITELLM_API_KEY", "test-key-one", "metered"],
  ])("of %s in %s that begins like %s is %s", (provider, variable, text, billing) => {
    const secret = Secret.of(text);
    expect(billingOfKey(specOf(provider), variable === undefined ? { secret } : { secret, variable })).toBe(billing);
  });
});

describe("a profile", () => {
  const key = (text: string): AuthProfile => ({ type: "api_key", provider: "x", secret: Secret.of(text) });
  const ref: AuthProfile = { type: "api_key", provider: "x", ref: { source: "env", provider: "default", id: "A" } };
  test.each<[string, string, AuthProfile, string]>([
    ["an API key", "anthropic", key("test-key-one"), "metered"],
    ["a setup-token stored as an API key", "anthropic", key("sk-ant-oat01-test"), "subscription"],
    ["a reference, which is not resolved to find out", "anthropic", ref, "metered"],
    ["a token", "anthropic", { type: "token", provider: "x", secret: Secret.of("test-token") }, "subscription"],
    ["a login", "openai-codex", { type: "oauth", provider: "x" }, "subscription"],
    ["anything of a provider on this machine", "ollama", key("test-key-one"), "local"],
  ])("%s of %s", (_name, provider, profile, billing) => {
    expect(profileBilling(specOf(provider))(profile)).toBe(billing);
  });
});
