import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { createCanary, createTempHome, findCanary, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openclaw, type RunOptions } from "./openclaw.ts";

const config = ".openclaw/openclaw.json";
const store = ".openclaw/agents/main/agent/auth-profiles.json";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());

const audit = (flags: readonly string[] = [], options: RunOptions = {}) => openclaw(home, ["secrets", "audit", ...flags], options);

describe("exit codes", () => {
  const clean = {};
  const plain = { [store]: { version: 1, profiles: { "openai:a": { type: "api_key", provider: "openai", key: "test-key-one" } } } };
  const login = { [store]: { version: 1, profiles: { "x:a": { type: "oauth", provider: "x", access: "test-access" } } } };
  const leaked = { ".openclaw/logs/a.log": "test-key-env\n" };
  const unresolved = {
    [config]: { models: { providers: { openai: { baseUrl: "https://api.openai.com/v1", apiKey: "${NOT_SET_KEY}", models: [] } } } },
  };

  test.each<readonly [string, Readonly<Record<string, object | string>>, readonly string[], number]>([
    ["nothing found", clean, ["--check", "--deep"], 0],
    ["plaintext, not asked for", plain, [], 0],
    ["plaintext with --check", plain, ["--check"], 1],
    ["a login with --check", login, ["--check"], 1],
    ["a value in a log with --check", leaked, ["--check"], 0],
    ["a value in a log with --deep", leaked, ["--check", "--deep"], 1],
    ["an unresolved reference, not asked for", unresolved, [], 2],
    ["an unresolved reference with --check", unresolved, ["--check", "--deep"], 2],
    ["a configuration that cannot be read", { [config]: "{bad" }, ["--json"], 2],
    ["a flag that does not exist", clean, ["--nonsense"], 1],
  ])("%s", async (_name, files, flags, code) => {
    for (const [file, content] of Object.entries(files)) await home.write(file, content);
    expect((await audit(flags, { env: { OPENAI_API_KEY: "test-key-env" } })).code).toBe(code);
  });
});

describe("what people see", () => {
  test("one line where nothing is found", async () => {
    const { stdout, stderr } = await audit();
    expect([stdout, stderr]).toEqual([expect.stringMatching(/^Secrets audit: nothing found \(.*\)\.\n$/u), ""]);
  });

  test("the first 20 findings, how many more there are, and what to type next", async () => {
    const keys = Object.fromEntries(
      Array.from({ length: 25 }, (_, index) => [`openai:${index}`, { type: "api_key", provider: "openai", key: `test-key-${index}` }]),
    );
    await home.write(store, { version: 1, profiles: keys });
    await home.write(".openclaw/logs/a.log", "x\ntest-key-24\n");
    const { stdout } = await audit();
    expect(stdout.match(/PLAINTEXT_FOUND/gu)).toHaveLength(20);
    expect(stdout).toContain("and 5 more");
    expect(stdout).toContain("logs/a.log, line 2: profile openai:24 #");
    expect(stdout).toContain("openclaw secrets configure");
    expect(stdout).not.toContain("test-key-");
  });
});

test("shows no value, wherever it stands, and changes no file", async () => {
  const canary = createCanary("audit");
  const provider = { baseUrl: "https://api.openai.com/v1", apiKey: canary, headers: { Authorization: `Bearer ${canary}` }, models: [] };
  await home.write(config, { models: { providers: { openai: provider } } });
  await home.write(store, { version: 1, profiles: { [`openai:${canary}`]: { type: "api_key", provider: "openai", key: canary } } });
  await home.write(`.openclaw/logs/${canary}.log`, canary);
  await home.write(".openclaw/.env", `OPENAI_API_KEY=${canary}\n`);
  const before = await home.list();
  const human = await audit();
  const json = await audit(["--json"]);
  expect(await findCanary(canary, { texts: { human: human.stdout, json: json.stdout, errors: human.stderr + json.stderr } })).toEqual([]);
  // In the log, and as the name of a profile.
  expect(JSON.parse(json.stdout)).toMatchObject({ summary: { plaintextCount: 4, valueFindingCount: 2 } });
  expect((await home.list()).filter((file) => !file.startsWith(".cache"))).toEqual(before);
});

test("X20: runs no command unless told to", async () => {
  const command = join(home.path, "bin/resolver");
  const ran = join(home.path, "ran");
  await home.write(
    "bin/resolver",
    `#!/bin/sh\ncat >/dev/null\n: >'${ran}'\nprintf '{"protocolVersion":1,"values":{"key":"test-key-one"}}'\n`,
  );
  await chmod(command, 0o700);
  await home.write(config, { secrets: { providers: { vault: { source: "exec", command } } } });
  await home.write(store, {
    version: 1,
    profiles: { "openai:a": { type: "api_key", provider: "openai", keyRef: { source: "exec", provider: "vault", id: "key" } } },
  });
  const without = await audit(["--json"]);
  expect(JSON.parse(without.stdout)).toMatchObject({
    status: "clean",
    resolution: { refsChecked: 0, skippedExecRefs: 1, resolvabilityComplete: false },
  });
  expect(await home.list()).not.toContain("ran");

  const withCommands = await audit(["--json", "--allow-exec"]);
  expect(JSON.parse(withCommands.stdout)).toMatchObject({ status: "clean", resolution: { refsChecked: 1, skippedExecRefs: 0 } });
  expect(await home.list()).toContain("ran");
});
