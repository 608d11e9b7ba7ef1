import { createAuthProfiles, parseAuthStore } from "@openclaw/auth-profiles";
import { createSecretResolver, type Env } from "@openclaw/secrets";
import { describe, expect, test } from "vitest";
import type { Config } from "./config.ts";
import { mergeEnv } from "./env.ts";
import { sandboxKeys, trialDefaults, type TrialDefaults, type TrialOptions } from "./trial.ts";

interface Setup {
  readonly config?: Config;
  readonly env?: Env;
  readonly profiles?: object;
  readonly options?: TrialOptions;
}

async function defaultsOf({ config = {}, env = {}, profiles = {}, options = {} }: Setup): Promise<TrialDefaults> {
  const set = await createAuthProfiles({
    storage: {
      storePath: "/store",
      read: async () => parseAuthStore({ profiles }),
      update: () => Promise.reject(new Error("only read")),
      probe: async () => undefined,
      realPath: async () => "/store",
    },
    secrets: createSecretResolver({ env }),
  }).read();
  return trialDefaults({ config, env: mergeEnv([["env", env]]), profiles: set, options });
}

const key = (provider: string) => ({ type: "api_key", provider, key: "test-key-one" });
const sandbox = { env: { SANDBOX_API_KEYS: sandboxKeys.join(" ") }, defaultModel: "sandbox/demo" };

describe("the sandbox is used where nothing is configured", () => {
  test.each<[string, Setup]>([
    ["nothing at all", {}],
    ["other sections of the configuration", { config: { gateway: { mode: "local" }, auth: { order: { openai: [] } } } }],
    ["an empty list of providers", { config: { models: { providers: {} }, agents: { list: [{ id: "work" }] } } }],
    ["a blank key", { env: { OPENAI_API_KEY: " " } }],
    ["a file with a key in it, which is no key", { env: { OPENAI_API_KEY_FILE: "/etc/key" } }],
    ["a token that other tools use for downloads", { env: { HF_TOKEN: "test-token" } }],
    ["a token of a provider the gateway cannot ask yet", { env: { COPILOT_GITHUB_TOKEN: "test-token" } }],
    ["a GitHub token that other tools use", { env: { GITHUB_TOKEN: "test-token", GH_TOKEN: "test-token" } }],
  ])("%s", async (_name, setup) => {
    expect(await defaultsOf(setup)).toEqual({ ...sandbox, baseUrls: {} });
  });
});

describe("what a person has is used in its place", () => {
  test.each<[string, Setup, string | undefined]>([
    ["a key in the environment", { env: { OPENAI_API_KEY: "test-key-one" } }, "openai/gpt-5.4"],
    ["a numbered one", { env: { XAI_API_KEY_2: "test-key-one" } }, "xai/grok-4"],
    ["a key of a provider that the status does not look for", { env: { DEEPSEEK_API_KEY: "test-key-one" } }, "deepseek/deepseek-chat"],
    [
      "of several the first of the table",
      { env: { OPENAI_API_KEY: "test-key-one", ANTHROPIC_API_KEY: "test-key-two" } },
      "anthropic/claude-opus-4-6",
    ],
    ["a stored profile", { profiles: { "xai:a": key("xai") } }, "xai/grok-4"],
    [
      "one of a provider that is not looked for in the environment",
      { profiles: { "deepseek:a": key("deepseek") } },
      "deepseek/deepseek-chat",
    ],
    ["under another spelling", { profiles: { "zai:a": key("Z.AI") } }, "zai/glm-5"],
    ["one of a provider without a default model", { profiles: { "mine:a": key("mine") } }, undefined],
    ["a configured provider", { config: { models: { providers: { mine: {} } } } }, undefined],
    ["a configured model", { config: { agents: { defaults: { model: "mine/a" } } } }, undefined],
    ["an agent's model", { config: { agents: { list: [{ id: "work", model: "mine/a" }] } } }, undefined],
  ])("%s", async (_name, setup, defaultModel) => {
    expect(await defaultsOf(setup)).toEqual({ ...(defaultModel !== undefined && { defaultModel }), baseUrls: {} });
  });
});

test("the sandbox can be asked for by name wherever it listens", async () => {
  const options = { sandboxUrl: "http://127.0.0.1:4000/v1" };
  const baseUrls = { sandbox: "http://127.0.0.1:4000/v1" };
  expect(await defaultsOf({ options })).toEqual({ ...sandbox, baseUrls });
  expect(await defaultsOf({ options, env: { OPENAI_API_KEY: "test-key-one" } })).toEqual({ defaultModel: "openai/gpt-5.4", baseUrls });
});
