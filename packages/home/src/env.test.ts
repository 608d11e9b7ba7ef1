import { stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import * as fc from "fast-check";
import type { Env } from "@openclaw/secrets";
import { createCanary, createTempHome, findCanary, runProcess } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { envFileProblem, mergeEnv, readEnvFile, type EnvLayer } from "./env.ts";

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

  test("a variable called toJSON does not make the rest print", () => {
    const { values } = mergeEnv([["env", { toJSON: "x", OPENAI_API_KEY: "test-key-one" }]]);
    expect(JSON.stringify(values)).toBe('"[environment]"');
    expect(Object.keys(values)).toEqual(["OPENAI_API_KEY"]);
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

const layerNames: readonly EnvLayer[] = ["env", ".env", "config env", "shell env"];

/** Few names, so that layers meet in them; any text as a value. */
const anyEnv = fc.dictionary(
  fc.constantFrom("OPENAI_API_KEY", "PATH", "A", "a", "__proto__", "constructor", "é", "1"),
  fc.option(fc.oneof(fc.constant(""), fc.constant("test-key-one"), fc.string({ unit: "grapheme" })), { nil: undefined }),
);

test("E1: the strongest layer that defines a name, even as empty, is the only one that counts: process, .env, config, shell", () => {
  fc.assert(
    fc.property(fc.tuple(anyEnv, anyEnv, anyEnv, anyEnv), (envs) => {
      const layers = layerNames.flatMap((name, index): (readonly [EnvLayer, Env])[] => [[name, envs[index] ?? {}]]);
      const merged = mergeEnv(layers);
      const names = new Set(envs.flatMap((env) => Object.keys(env)));
      for (const name of names) {
        const [layer, env] = layers.find(([, env]) => Object.hasOwn(env, name) && env[name] !== undefined) ?? [];
        expect(merged.layerOf(name)).toBe(layer);
        expect(merged.values[name]).toBe(env?.[name]);
        expect(name in merged.values).toBe(layer !== undefined);
      }
      const defined = [...names].filter((name) => merged.layerOf(name) !== undefined);
      expect(Object.keys(merged.values).toSorted()).toEqual(defined.toSorted());
      expect({ ...merged.values }).toEqual(Object.fromEntries(Object.entries(merged.values)));
    }),
  );
});

describe("names that layers define differently", () => {
  const salt = Buffer.from("test-salt");
  const conflicts = (...layers: readonly (readonly [EnvLayer, Env])[]) =>
    mergeEnv(layers)
      .differing()
      .map(({ name, definitions }) => [
        name,
        ...definitions.map(({ layer, secret, isBlank }) => (isBlank ? `${layer}: blank` : `${layer}: ${secret.fingerprint(salt)}`)),
      ]);
  const print = (key: string) => {
    const [conflict] = mergeEnv([
      ["env", { A: key }],
      [".env", { A: `not ${key}` }],
    ]).differing();
    return conflict?.definitions[0]?.secret.fingerprint(salt);
  };

  test("every layer that defines one is named, the one that wins first", () => {
    expect(
      conflicts(
        ["env", { B: "two", SAME: "x", ONLY: "x", UNSET: undefined }],
        [".env", { A: "one", SAME: "x", UNSET: "x" }],
        ["config env", { B: "two", SAME: "x" }],
        ["shell env", { A: "other", B: "three", SAME: "x" }],
      ),
    ).toEqual([
      ["B", `env: ${print("two")}`, `config env: ${print("two")}`, `shell env: ${print("three")}`],
      ["A", `.env: ${print("one")}`, `shell env: ${print("other")}`],
    ]);
  });

  test("of one name every layer can be asked for, whether they differ or not", () => {
    const env = mergeEnv([
      ["env", { A: "one", B: "x", UNSET: undefined }],
      [".env", { A: "one", UNSET: "two" }],
      ["shell env", { A: "" }],
    ]);
    const layersOf = (name: string) => env.definitionsOf(name).map(({ layer, isBlank }) => [layer, isBlank]);
    expect(layersOf("A")).toEqual([
      ["env", false],
      [".env", false],
      ["shell env", true],
    ]);
    expect([layersOf("UNSET"), layersOf("NONE"), layersOf("__proto__")]).toEqual([[[".env", false]], [], []]);
    expect(env.definitionsOf("A")[0]?.secret.fingerprint(salt)).toBe(print("one"));
  });

  test("an empty value that hides a key is one of them, and is told from a key", () => {
    expect(conflicts(["env", { A: "" }], [".env", { A: "one" }])).toEqual([["A", "env: blank", `.env: ${print("one")}`]]);
    expect(conflicts(["env", { A: "" }], [".env", { A: "  " }])).toEqual([]);
  });

  test("white space around a key makes it no other key", () => {
    expect(conflicts(["env", { A: "one" }], [".env", { A: " one\n" }])).toEqual([]);
  });

  test("do not print their values", async () => {
    const canary = createCanary("conflict");
    const found = mergeEnv([
      ["env", { A: canary }],
      [".env", { A: "" }],
    ]).differing();
    expect(found).toHaveLength(1);
    expect(
      await findCanary(canary, { texts: { inspect: inspect(found, { depth: 9, showHidden: true }), json: JSON.stringify(found) } }),
    ).toEqual([]);
  });
});

test("L7: a heap snapshot lists no value of the environment among its strings, before and after one was read", async () => {
  const code = `
    const { getHeapSnapshot } = await import("node:v8");
    const { mergeEnv } = await import(${JSON.stringify(new URL("env.ts", import.meta.url).href)});
    const text = (count) => Buffer.from(Array.from({ length: count }, (_, index) => 97 + index % 26)).toString() + "!";
    const flat = (count) => Buffer.from(text(count)).toString(); // Pieces that were put together are not listed as one.
    globalThis.held = flat(20); // Shows that what is held as a string is found.
    globalThis.env = (() => mergeEnv([["env", { KEY: flat(40) }], [".env", { KEY: flat(30), OTHER: "x" }]]))();
    const find = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      gc();
      let snapshot = "";
      for await (const chunk of getHeapSnapshot()) snapshot += chunk;
      return [text(20), text(30), text(40)].map((wanted) => snapshot.includes(wanted));
    };
    const before = await find();
    const isRead = (() => globalThis.env.values.KEY.length === 41)();
    console.log(JSON.stringify({ before, isRead, after: await find() }));`;
  const flags = ["--expose-gc", "--conditions=@openclaw/source", "--input-type=module", "-e", code];
  const child = await runProcess(process.execPath, flags, { env: {}, timeoutMs: 20_000 });
  expect(child.stderr).toBe("");
  expect(JSON.parse(child.stdout)).toEqual({ before: [true, false, false], isRead: true, after: [true, false, false] });
}, 20_000);

describe("E4: a .env that other users may open", () => {
  const withMode = async (mode: string) => {
    const home = await createTempHome();
    onTestFinished(() => home.remove());
    await home.write(".env", "OPENAI_API_KEY=test-key-one\n", Number.parseInt(mode, 8));
    return join(home.path, ".env");
  };

  test.each(["644", "640", "604", "660", "620", "601", "777"])(
    "mode %s is told, with what to type, and the value is used all the same",
    async (mode) => {
      const path = await withMode(mode);
      expect(await envFileProblem(path)).toBe(`${path} may hold keys and is open to other users (mode ${mode}): chmod 600 ${path}`);
      expect({ ...(await readEnvFile(path)) }).toEqual({ OPENAI_API_KEY: "test-key-one" });
      expect((await stat(path)).mode & 0o777).toBe(Number.parseInt(mode, 8));
    },
  );

  test.each(["600", "400", "700"])("mode %s is fine", async (mode) => {
    expect(await envFileProblem(await withMode(mode))).toBeUndefined();
  });

  test("a link is judged by the file it leads to", async () => {
    const path = await withMode("644");
    await symlink(path, `${path}-link`);
    expect(await envFileProblem(`${path}-link`)).toContain("mode 644");
  });

  test("no file, and a folder in its place, are no such problem", async () => {
    const path = await withMode("644");
    expect(await envFileProblem(`${path}-missing`)).toBeUndefined();
    expect(await envFileProblem(join(path, ".."))).toBeUndefined();
    expect(await envFileProblem(join(path, "below"))).toBeUndefined();
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
    await expect(readEnvFile(path)).rejects.toMatchObject({ code: "env-unreadable", message: expect.stringContaining(path) });
  });
});
