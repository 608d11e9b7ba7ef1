import { createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openHome, resolvePaths } from "./index.ts";

test("the example of the README", async () => {
  const folder = await createTempHome({
    ".openclaw/.env": "OPENAI_API_KEYS=test-key-one,test-key-two",
    ".openclaw/agents/main/agent/auth-profiles.json": {
      version: 1,
      profiles: { "openai:work": { type: "api_key", provider: "openai", key: "test-key-work" } },
    },
  });
  onTestFinished(() => folder.remove());
  const process = { env: folder.env, cwd: () => folder.path };
  const homedir = () => folder.path;

  const paths = resolvePaths({ env: process.env, osHome: homedir(), cwd: process.cwd() });
  const home = await openHome({ paths, env: process.env });

  const { candidates, excluded } = home.plan({ provider: "openai", model: "gpt-5.4" });
  expect(candidates.map((candidate) => candidate.origin)).toEqual(["profile openai:work", "OPENAI_API_KEYS[1]", "OPENAI_API_KEYS[2]"]);
  expect(excluded).toEqual([]);
  const credential = await candidates[0]?.resolve({});

  expect(credential).toMatchObject({ kind: "api-key", hosts: ["https://api.openai.com"] });
  expect(`${credential && "secret" in credential ? credential.secret : ""}`).toBe("[redacted]");
});
