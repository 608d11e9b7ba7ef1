import { openHome, resolvePaths } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";
import { createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { storeToken } from "./store-token.ts";

const STORE = ".openclaw/agents/main/agent/auth-profiles.json";

test("a token that is pasted over an imported one is not imported any more; what else was said of it stays", async () => {
  const imported = {
    type: "token",
    provider: "anthropic",
    token: "test-token-imported",
    email: "anna@example.test",
    metadata: { importedFrom: "claude", team: "a" },
  };
  const home = await createTempHome({ [STORE]: { version: 1, profiles: { "anthropic:claude": imported } } });
  onTestFinished(() => home.remove());
  const opened = await openHome({
    paths: resolvePaths({ env: home.env, osHome: home.path, cwd: home.path }),
    env: home.env,
    use: "inspect",
  });
  onTestFinished(() => opened.close());
  await storeToken(opened.current, {
    agentId: undefined,
    provider: "anthropic",
    profileId: "anthropic:claude",
    secret: Secret.of("test-token-pasted"),
    expiresAt: undefined,
    stamp: { version: "1.2.3", at: new Date(0) },
    signal: new AbortController().signal,
  });
  const { profiles } = JSON.parse(await home.read(STORE));
  expect(profiles["anthropic:claude"]).toEqual({ ...imported, token: "test-token-pasted", metadata: { team: "a" } });
});
