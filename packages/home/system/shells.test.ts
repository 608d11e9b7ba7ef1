import { createTempHome, findProgram } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { isCredentialVariable, readShellEnv } from "../src/index.ts";

test.each([
  ["zsh", ".zprofile", "echo hello; export OPENAI_API_KEY=test-key-shell PATH=/nowhere\n"],
  ["fish", ".config/fish/config.fish", "echo hello; set -gx OPENAI_API_KEY test-key-shell; set -gx PATH /nowhere\n"],
])("E5: %s as the login shell gives its keys, whatever its profile prints", async (name, file, profile) => {
  const shell = findProgram(name);
  if (shell === undefined) throw new Error(`${name} is not installed`);
  const home = await createTempHome({ [file]: profile });
  onTestFinished(() => home.remove());
  const env = { HOME: home.path, PATH: "/usr/bin:/bin" };
  expect(await readShellEnv({ shell, env, timeoutMs: 30_000, isWanted: (variable) => isCredentialVariable(variable) })).toEqual({
    env: { OPENAI_API_KEY: "test-key-shell" },
  });
});
