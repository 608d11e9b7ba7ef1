import { inspect } from "node:util";
import { createSecretResolver, type Env } from "@openclaw/secrets";
import { createCanary, findCanary } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { readConfigKey, type ConfigKey } from "./config-key.ts";
import { mergeEnv } from "./env.ts";

const PATH = "models.providers.mine.apiKey";

function read(value: unknown, env: Env = {}): ConfigKey {
  const layers = mergeEnv([["env", env]]);
  return readConfigKey("mine", value, layers, createSecretResolver({ env: layers.values }), {});
}

const textOf = (key: ConfigKey) => (key.kind === "key" ? key.secret.reveal() : undefined);

test.each([[undefined], [null], [""], ["  "], ["\n"]])("%j is no key", (value) => {
  expect(read(value)).toEqual({ kind: "absent" });
});

describe("text is the key", () => {
  test.each([
    ["test-key-one", "test-key-one"],
    [" test-key-one\n", "test-key-one"],
    ["EMPTY", "EMPTY"],
    ["sk_live_x", "sk_live_x"],
    ["AKIA1234", "AKIA1234"],
    ["NOT_NEEDED", "NOT_NEEDED"],
    ['"quoted"', '"quoted"'],
  ])("%j", (value, expected) => {
    const key = read(value);
    expect(textOf(key)).toBe(expected);
    expect(key).toMatchObject({ kind: "key", origin: PATH });
  });

  test("with a character that no header carries it is none", () => {
    expect(read("test\u0000key")).toEqual({ kind: "unresolved", origin: PATH, message: `${PATH} holds characters that no key has` });
  });
});

describe("a reference", () => {
  const env = { WORK_KEY: "test-key-env" };
  test.each([
    ["${WORK_KEY}"],
    [" ${WORK_KEY} "],
    [{ source: "env", id: "WORK_KEY" }],
    [{ source: "env", provider: "default", id: "WORK_KEY" }],
  ])("%j is resolved", (value) => {
    expect(textOf(read(value, env))).toBe("test-key-env");
  });

  test.each<[string, unknown, Env, string]>([
    ["a variable that is not set", "${WORK_KEY}", {}, 'Environment variable "WORK_KEY" is missing or empty.'],
    ["an empty one", "${WORK_KEY}", { WORK_KEY: " " }, 'Environment variable "WORK_KEY" is missing or empty.'],
    ["a provider that is not configured", { source: "env", provider: "vault", id: "A" }, {}, "vault"],
    ["a file that nobody asked for", { source: "file", provider: "default", id: "/a" }, {}, "file:default:/a"],
    ["an object that is no reference", { value: "test-canary" }, {}, "Invalid secret reference"],
    ["a list", ["test-canary"], {}, "Invalid secret reference"],
    ["a number", 5, {}, "neither text nor a reference"],
    ["true", true, {}, "neither text nor a reference"],
    ["a name in lower case", "${work_key}", env, "exactly ${NAME}"],
    ["a name inside other text", "Bearer ${WORK_KEY}", env, "exactly ${NAME}"],
    ["a name without braces", "$WORK_KEY", env, "exactly ${NAME}"],
    ["a doubled dollar", "$${WORK_KEY}", env, "exactly ${NAME}"],
    ["a nested one", "${${WORK_KEY}}", env, "exactly ${NAME}"],
    ["an unclosed one", "${WORK_KEY", env, "exactly ${NAME}"],
  ])("that leads nowhere is unresolved, and nothing is sent: %s", (_name, value, env, message) => {
    const key = read(value, env);
    expect(key).toMatchObject({ kind: "unresolved", origin: PATH, message: expect.stringContaining(message) });
    expect(inspect(key, { depth: 9 })).not.toContain("canary");
  });

  const missing = 'Environment variable "A_KEY" is missing or empty.';
  const inexact = `${PATH}: a reference in text form is exactly \${NAME}`;
  const notTwice = "env:default:A_KEY: the value is itself a placeholder that nothing has filled in";
  const set = { A_KEY: "test-key-one", B_KEY: "test-canary" };
  test.each<[string, unknown, Env, string]>([
    ["a missing variable is named", "${A_KEY}", {}, missing],
    ["an empty one too", "${A_KEY}", { A_KEY: "" }, missing],
    ["one that only a prototype has", "${CONSTRUCTOR}", {}, 'Environment variable "CONSTRUCTOR" is missing or empty.'],
    ["a nested one", "${${A_KEY}}", set, inexact],
    ["one with a default", "${A_KEY:-test-canary}", set, inexact],
    ["a doubled dollar", "$${A_KEY}", set, inexact],
    ["a doubled dollar of a missing variable", "$${C_KEY}", set, inexact],
    ["an escaped one", "\\${A_KEY}", set, inexact],
    ["two in one text", "${A_KEY}${B_KEY}", set, inexact],
    ["one that leads to another", "${A_KEY}", { A_KEY: "${B_KEY}", B_KEY: "test-canary" }, notTwice],
    ["one that leads to itself", "${A_KEY}", { A_KEY: "${A_KEY}" }, notTwice],
    ["two that lead to each other", "${A_KEY}", { A_KEY: "${B_KEY}", B_KEY: "${A_KEY}" }, notTwice],
    ["one that leads to another within a text", "${A_KEY}", { A_KEY: "x-${B_KEY}", B_KEY: "test-canary" }, notTwice],
    ["a reference object", { source: "env", id: "A_KEY" }, { A_KEY: "${B_KEY}", B_KEY: "test-canary" }, notTwice],
    ["the name of a variable", "A_KEY", { A_KEY: "${B_KEY}", B_KEY: "test-canary" }, notTwice],
  ])("E6: is unresolved by name, and nothing is expanded twice or in part: %s", (_name, value, env, message) => {
    const key = read(value, env);
    expect(key).toMatchObject({ kind: "unresolved", message });
    expect(inspect(key, { depth: 9 })).not.toContain("canary");
  });

  test.each([
    ["$A_KEY", "$A_KEY"],
    ["B_KEY", "B_KEY"],
    ["%A_KEY%", "%A_KEY%"],
    ["$$", "$$"],
  ])("E6: a value such as %j is taken as it is, not as the name of another variable", (value, expected) => {
    expect(textOf(read("${A_KEY}", { A_KEY: value, B_KEY: "test-canary" }))).toBe(expected);
  });

  test("without a provider it has the one of secrets.defaults", () => {
    const layers = mergeEnv([["env", env]]);
    const resolver = createSecretResolver({ env });
    expect(readConfigKey("mine", "${WORK_KEY}", layers, resolver, { env: "vault" })).toMatchObject({
      kind: "unresolved",
      message: expect.stringContaining("vault"),
    });
  });
});

describe("the name of a variable stands for its value, and is never sent", () => {
  const names = [
    "OPENAI_API_KEY",
    "OPENAI_API_KEY_2",
    "GEMINI_API_KEYS",
    "HF_TOKEN",
    "GITHUB_TOKEN",
    "MY_SECRET",
    "DB_PASSWORD_1",
    "LM_CREDENTIALS",
  ];

  test.each(names)("%s, set", (name) => {
    const key = read(` ${name} `, { [name]: "test-key-env" });
    expect(textOf(key)).toBe("test-key-env");
    expect(key).toMatchObject({ origin: `${PATH} (${name})` });
  });

  test.each(names)("%s, not set", (name) => {
    expect(read(name)).toEqual({ kind: "unresolved", origin: PATH, message: `Environment variable "${name}" is missing or empty.` });
    expect(read(name, { [name]: "" })).toMatchObject({ kind: "unresolved" });
  });

  test("any name that is set counts, whatever it is called", () => {
    expect(textOf(read("LM_STUDIO", { LM_STUDIO: "test-key-env" }))).toBe("test-key-env");
  });

  test.each(["OPENAI_API_KEY_FILE", "VAULT_TOKEN_PATH", "OPENAI_KEY_CMD"])("%s names no key: neither it nor its value is sent", (name) => {
    expect(read(name, { [name]: "/etc/key" })).toEqual({
      kind: "unresolved",
      origin: PATH,
      message: `${PATH} names ${name}, a variable that holds no key`,
    });
  });
});

describe("a placeholder is no key", () => {
  test.each([
    "minimax-oauth",
    "oauth:minimax-portal",
    "ollama-local",
    "custom-local",
    "gcp-vertex-credentials",
    "secretref-managed",
    "secretref-env:MINE_KEY",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
  ])("%s", (name) => {
    expect(read(name, { [name]: "test-key-env" })).toEqual({ kind: "marker", name });
  });
});

test("what comes back does not print the key", async () => {
  const canary = createCanary("key");
  for (const key of [
    read(canary),
    read("${A_KEY}", { A_KEY: canary }),
    read("A_KEY", { A_KEY: canary }),
    read({ source: "env", id: canary }),
  ]) {
    expect(
      await findCanary(canary, { texts: { inspect: inspect(key, { depth: 9, showHidden: true }), json: JSON.stringify(key) } }),
    ).toEqual([]);
  }
});
