import { join } from "node:path";
import { inspect } from "node:util";
import { createCanary, createTempHome, findCanary } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { mergeEnv, readEnvFile } from "./env.ts";

async function envFileWith(content: string): Promise<string> {
  const home = await createTempHome({ ".env": content });
  onTestFinished(() => home.remove());
  return join(home.path, ".env");
}

describe("layers", () => {
  test("the strongest layer that defines a name wins, even with an empty value", () => {
    const env = mergeEnv([
      ["env", { A: "env", EMPTY: "", UNSET: undefined }],
      [".env", { A: ".env", B: ".env", EMPTY: ".env", UNSET: ".env" }],
      ["config env", { A: "config", B: "config", C: "config", EMPTY: "config", UNSET: "config" }],
    ]);
    expect({ ...env.values }).toEqual({ A: "env", B: ".env", C: "config", EMPTY: "", UNSET: ".env" });
    expect(["A", "B", "C", "EMPTY", "UNSET", "NONE"].map((name) => env.layerOf(name))).toEqual([
      "env",
      ".env",
      "config env",
      "env",
      ".env",
      undefined,
    ]);
  });

  test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])("%s is a name like any other", (name) => {
    expect(mergeEnv([["env", {}]]).values[name]).toBeUndefined();
    expect(mergeEnv([["env", {}]]).layerOf(name)).toBeUndefined();
    expect(mergeEnv([[".env", Object.fromEntries([[name, "x"]])]]).values[name]).toBe("x");
  });

  test("are frozen, and do not print their values", async () => {
    const canary = createCanary("env");
    const env = mergeEnv([["env", { OPENAI_API_KEY: canary }]]);
    expect(env.values["OPENAI_API_KEY"]).toBe(canary);
    expect(Object.isFrozen(env) && Object.isFrozen(env.values)).toBe(true);
    const texts = {
      inspect: inspect(env, { depth: 9, showHidden: true }),
      values: inspect(env.values),
      json: JSON.stringify([env, env.values]),
    };
    expect(await findCanary(canary, { texts })).toEqual([]);
  });
});

describe("a .env file", () => {
  test.each([
    ["plain", "A=1\nB=2", { A: "1", B: "2" }],
    ["a byte order mark", "\uFEFFA=1", { A: "1" }],
    ["Windows line ends", "A=1\r\nB=2\r\n", { A: "1", B: "2" }],
    ["export", "export A=1", { A: "1" }],
    ["export and more white space", "export  A=1\nexport\tB=2\n  export C=3", { A: "1", B: "2", C: "3" }],
    ["double quotes", 'A=" 1 "', { A: " 1 " }],
    ["single quotes", "A=' 1 '", { A: " 1 " }],
    ["a comment line", "# A=1\n  # B=2\nC=3", { C: "3" }],
    ["a comment behind a value", "A=1 # one", { A: "1" }],
    ["a # in quotes", 'A="1#2"', { A: "1#2" }],
    ["an equals sign in a value", "A=b=c==", { A: "b=c==" }],
    ["spaces around", "  A = 1  ", { A: "1" }],
    ["an empty value", "A=\nB=", { A: "", B: "" }],
    ["several lines in quotes", 'A="1\n2"', { A: "1\n2" }],
    ["a line that is no assignment", "nonsense\nA=1", { A: "1" }],
    ["no expansion of other variables", "A=1\nB=${A}", { A: "1", B: "${A}" }],
    ["nothing", "", {}],
  ])("%s", async (_name, content, expected) => {
    expect({ ...(await readEnvFile(await envFileWith(content))) }).toEqual(expected);
  });

  test("that is not there is an empty layer", async () => {
    expect({ ...(await readEnvFile(`${await envFileWith("")}-missing`)) }).toEqual({});
  });

  test("that is a folder is an error", async () => {
    const path = join(await envFileWith(""), "..");
    await expect(readEnvFile(path)).rejects.toMatchObject({ code: "env-unreadable", message: expect.stringContaining("EISDIR") });
  });
});
