import type { Env } from "@openclaw/secrets";
import { expect, test } from "vitest";
import { shellEnvSettings } from "./shell-env-settings.ts";

test.each<[string, unknown, Env, boolean]>([
  ["nothing said", undefined, {}, false],
  ["the configuration", { enabled: true }, {}, true],
  ["the configuration, switched off", { enabled: false }, {}, false],
  ["text in place of true", { enabled: "true" }, {}, false],
  ["the variable", undefined, { OPENCLAW_LOAD_SHELL_ENV: "1" }, true],
  ["the variable in words", undefined, { OPENCLAW_LOAD_SHELL_ENV: " True " }, true],
  ["the variable, over a configuration that says no", { enabled: false }, { OPENCLAW_LOAD_SHELL_ENV: "1" }, true],
  ["the variable as 0", undefined, { OPENCLAW_LOAD_SHELL_ENV: "0" }, false],
  ["the variable as nothing", undefined, { OPENCLAW_LOAD_SHELL_ENV: "" }, false],
  ["the configuration, beside the variable as 0", { enabled: true }, { OPENCLAW_LOAD_SHELL_ENV: "0" }, true],
  ["other unknown settings", { enabled: true, more: [] }, {}, true],
  ["a list", [true], {}, false],
  ["text", "enabled", {}, false],
  ["null", null, {}, false],
  ["a profile that calls us while we ask its shell", { enabled: true }, { OPENCLAW_SHELL_ENV_RUNNING: "1" }, false],
])("whether the shell is asked: %s", (_name, shellEnv, env, expected) => {
  expect(shellEnvSettings(shellEnv, env).isEnabled).toBe(expected);
});

test.each<[string, unknown, string | undefined, number]>([
  ["nothing said", undefined, undefined, 15_000],
  ["the configuration", { timeoutMs: 2_000 }, undefined, 2_000],
  ["the variable", {}, " 3000 ", 3_000],
  ["both", { timeoutMs: 2_000 }, "3000", 2_000],
  ["nonsense in the configuration, then the variable", { timeoutMs: "2000" }, "3000", 3_000],
  ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, null, {}].map((timeoutMs): [string, unknown, undefined, number] => [
    `${String(timeoutMs)} in the configuration`,
    { timeoutMs },
    undefined,
    15_000,
  ]),
  ...["", "0", "-1", "1.5", "1e3", "0x10", "15s", "NaN", "9".repeat(30)].map((text): [string, unknown, string, number] => [
    `${JSON.stringify(text)} in the variable`,
    undefined,
    text,
    15_000,
  ]),
])("how long: %s", (_name, shellEnv, variable, expected) => {
  expect(shellEnvSettings(shellEnv, { OPENCLAW_SHELL_ENV_TIMEOUT_MS: variable }).timeoutMs).toBe(expected);
});

test("what is wrong in one setting leaves the other as it is", () => {
  expect(shellEnvSettings({ enabled: true, timeoutMs: "soon" }, {})).toEqual({ isEnabled: true, timeoutMs: 15_000 });
  expect(shellEnvSettings({ enabled: "yes", timeoutMs: 2_000 }, {})).toEqual({ isEnabled: false, timeoutMs: 2_000 });
});
