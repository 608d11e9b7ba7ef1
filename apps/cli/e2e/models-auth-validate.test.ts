import { join } from "node:path";
import { createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openclaw, type RunOptions } from "./openclaw.ts";

const CONFIG = ".openclaw/openclaw.json";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const WORK = ".openclaw/agents/work/agent/auth-profiles.json";
const key = { type: "api_key", provider: "openai", key: "test-key-one" };

async function sceneWith(files: Readonly<Record<string, string | object>> = {}) {
  const home = await createTempHome(files);
  onTestFinished(() => home.remove());
  const validate = (args: readonly string[] = [], options?: RunOptions) => openclaw(home, ["models", "auth", "validate", ...args], options);
  return { home, validate };
}

test("34: says where each mistake is and what was meant, shows no value, and changes nothing", async () => {
  const { home, validate } = await sceneWith({
    [STORE]: {
      version: 1,
      profiles: {
        "openai:a": { type: "api_key", provider: "openai", apiKey: "test-key-one" },
        "openai:b": { type: "api_key", provider: "openai", keyRef: { source: "env", provider: "default", id: "NOT_SET" } },
        "anthropic:c": { type: "token", provider: "anthropic", token: "sk-test-token", expires: 1_900_000_000 },
      },
    },
  });
  const seen = async () => [(await home.list()).filter((file) => !file.startsWith(".cache")), await home.read(STORE)];
  const before = await seen();
  const { code, stdout, stderr } = await validate();
  expect([code, stderr]).toEqual([1, ""]);
  expect(stdout).toBe(
    `${[
      `$OPENCLAW_HOME/${STORE}: 2 errors, 1 warning`,
      "  warning field-misnamed at profiles.openai:a.apiKey: it is read as key; did you mean key?",
      "  error reference-unset at profiles.openai:b.keyRef: the variable NOT_SET is missing or empty; its name is never sent in its place",
      "  error expires-in-seconds at profiles.anthropic:c.expires: expires looks like seconds: it must be a Unix time in milliseconds (multiply by 1000); did you mean milliseconds?",
    ].join("\n")}\n`,
  );
  expect(await seen()).toEqual(before);
});

test("exits with 0 where nothing is wrong, where there are only warnings, and where there is nothing", async () => {
  const { home, validate } = await sceneWith({ [STORE]: { version: 1, profiles: { "openai:a": key } } });
  expect(await validate()).toMatchObject({ code: 0, stdout: expect.stringContaining(": no mistakes\n") });
  await home.write(STORE, { openai: key });
  expect(await validate()).toMatchObject({ code: 0, stdout: expect.stringContaining("did you mean profiles.openai:default?") });
  const { validate: inEmpty } = await sceneWith();
  expect(await inEmpty()).toMatchObject({ code: 0, stdout: expect.stringContaining("there is no such file yet") });
});

test("a flat store works, and status says how it was read", async () => {
  const { home } = await sceneWith({ [STORE]: { openai: { type: "api_key", apiKey: "test-key-one" } } });
  const { stdout } = await openclaw(home, ["models", "status", "--json"]);
  expect(JSON.parse(stdout).auth.storeNotes.map(({ code }: { readonly code: string }) => code)).toEqual([
    "STORE_IS_FLAT",
    "FIELD_MISNAMED",
  ]);
  expect(JSON.parse((await openclaw(home, ["models", "auth", "list", "--json"])).stdout).profiles).toMatchObject([
    { profileId: "openai:default", access: "static" },
  ]);
});

test("prints JSON, of a file that is named, and of one that cannot be parsed", async () => {
  const { home, validate } = await sceneWith({ "copy.json": '{\n  "profiles": { "openai:a": { "key": "test-key-one" }\n' });
  const { code, stdout } = await validate(["--file", join(home.path, "copy.json"), "--json"]);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    exists: true,
    isValid: false,
    findings: [
      {
        code: "not-readable",
        severity: "error",
        path: "$",
        message: expect.stringContaining("copy.json is not valid JSON at line 3, column 1"),
      },
    ],
  });
  expect(await validate(["--file", join(home.path, "none.json")])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("There is no file"),
  });
});

test("an agent's order may name main's accounts", async () => {
  const { validate } = await sceneWith({
    [CONFIG]: { agents: { list: [{ id: "main" }, { id: "work" }] } },
    [STORE]: { version: 1, profiles: { "openai:a": key } },
    [WORK]: { version: 1, profiles: {}, order: { openai: ["openai:a", "openai:b"] } },
  });
  const { code, stdout } = await validate(["--agent", "work"]);
  expect(code).toBe(0);
  expect(stdout).toContain("warning order-unknown-id at order.openai[1]");
  expect(stdout).not.toContain("order.openai[0]");
});
