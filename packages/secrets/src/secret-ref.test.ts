import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { SecretsError } from "./errors.ts";
import { formatSecretRef, isSecretRefLike, parseSecretRef } from "./secret-ref.ts";

const ref = (source: string, id: unknown) => ({ source, provider: "default", id });
const errorOf = (value: unknown): SecretsError | undefined => {
  try {
    parseSecretRef(value);
    return undefined;
  } catch (error) {
    if (error instanceof SecretsError && error.code === "invalid-reference") return error;
    throw error;
  }
};
const isAccepted = (value: unknown) => errorOf(value) === undefined;

describe("the shape of a reference [S1]", () => {
  test.each<[string, unknown]>([
    ["an unknown source", ref("vault", "A")],
    ["a source in capitals", ref("ENV", "A")],
    ["a source that is a list", { source: ["env"], provider: "default", id: "A" }],
    ["a source that is a number", { source: 1, provider: "default", id: "A" }],
    ["no source", { provider: "default", id: "A" }],
    ["no id", { source: "env", provider: "default" }],
    ["an id that is a number", ref("env", 7)],
    ["a further key", { ...ref("env", "A"), extra: true }],
    ["a __proto__ key", JSON.parse('{"source":"env","id":"A","__proto__":{"provider":"x"}}')],
    ["nothing", null],
    ["undefined", undefined],
    ["a number", 7],
    ["a list", ["env", "default", "A"]],
    ["the printed form", "env:default:A"],
    ["a bare name", "A"],
    ["$NAME", "$NAME"],
    ["text around ${NAME}", "x${NAME}"],
    ["a line break after ${NAME}", "${NAME}\n"],
    ["${name} in lower case", "${name}"],
    ["an empty ${}", "${}"],
  ])("%s is refused", (_, value) => {
    expect(isAccepted(value)).toBe(false);
  });

  test("an object of exactly source, provider and id is read", () => {
    expect(parseSecretRef(ref("env", "OPENAI_API_KEY"))).toEqual({ source: "env", provider: "default", id: "OPENAI_API_KEY" });
  });

  test("${NAME} is an environment reference", () => {
    expect(parseSecretRef("${OPENAI_API_KEY}")).toEqual({ source: "env", provider: "default", id: "OPENAI_API_KEY" });
  });

  test("a missing provider is the default of its source, else `default`", () => {
    const defaults = { env: "shell", exec: "vault" };
    expect(parseSecretRef("${A}", defaults).provider).toBe("shell");
    expect(parseSecretRef({ source: "exec", id: "a" }, defaults).provider).toBe("vault");
    expect(parseSecretRef({ source: "file", id: "/a" }, defaults).provider).toBe("default");
    expect(parseSecretRef({ source: "exec", provider: "mine", id: "a" }, defaults).provider).toBe("mine");
  });

  test.each([
    ["default", true],
    ["a", true],
    ["a-b_2", true],
    ["a".repeat(64), true],
    ["a".repeat(65), false],
    ["", false],
    ["Default", false],
    ["2a", false],
    ["-a", false],
    ["a b", false],
    ["a\n", false],
  ])("provider alias %j: %s", (provider, expected) => {
    expect(isAccepted({ source: "env", provider, id: "A" })).toBe(expected);
  });
});

test.each([
  ["A", true],
  ["PATH", true],
  ["NODE_OPTIONS", true],
  ["A1_", true],
  ["A".repeat(128), true],
  ["A".repeat(129), false],
  ["", false],
  ["a", false],
  ["Aa", false],
  ["1A", false],
  ["_A", false],
  ["A\n", false],
  ["A=B", false],
  ["A-B", false],
  ["А", false], // Cyrillic
  ["__proto__", false],
])("env id %j: %s [S3]", (id, expected) => {
  expect(isAccepted(ref("env", id))).toBe(expected);
});

test.each([
  ["value", true],
  ["/", true],
  ["//", true],
  ["/a", true],
  ["/a/0/b c", true],
  ["/a~01b", true],
  ["/a~1b", true],
  ["", false],
  ["a/b", false],
  ["Value", false],
  ["/a~", false],
  ["/a~2b", false],
  ["/a~/b", false],
])("file id %j: %s [S5]", (id, expected) => {
  expect(isAccepted(ref("file", id))).toBe(expected);
});

test.each([
  ["a", true],
  ["op://vault/item/field".replace("//", ""), true],
  ["vault/item:field", true],
  ["a..b", true],
  ["a/..b", true],
  ["a/b..", true],
  ["a//b", true],
  ["a".repeat(256), true],
  ["a".repeat(257), false],
  ["", false],
  ["../x", false],
  ["a/../b", false],
  ["a/./b", false],
  ["a/..", false],
  [".", false],
  ["..", false],
  ["/abs", false],
  ["-rf", false],
  ["a b", false],
  ["a\0b", false],
  ["a\n", false],
  ["%2e%2e", false],
  ["a;b", false],
  ["$(a)", false],
])("exec id %j: %s [S8]", (id, expected) => {
  expect(isAccepted(ref("exec", id))).toBe(expected);
});

describe("the error names the rule and never the value", () => {
  const value = "test-canary-in-the-wrong-field";
  test.each<[unknown]>([
    [ref("env", value)],
    [ref("file", value)],
    [ref("exec", `../${value}`)],
    [ref(value, "A")],
    [{ source: "env", provider: value.toUpperCase(), id: "A" }],
    [value],
    [[value]],
    // A key that was pasted in the wrong place, as the name of a field, beside good ones and alone.
    [{ ...ref("env", "A"), [value]: "" }],
    [{ ...ref("env", "A"), [value]: value, [`${value}-two`]: { [value]: value } }],
    [{ [value]: value }],
    [{ source: { [value]: value }, provider: [value], id: { [value]: value } }],
    [{ source: value, provider: value.toUpperCase(), id: value, [value]: 1 }],
    [JSON.parse(`{"source":"env","id":"A","__proto__":{"${value}":1}}`)],
    [new Map([[value, value]])],
  ])("%j", (wrong) => {
    const error = errorOf(wrong);
    expect(error?.message).toMatch(/^Invalid secret reference: ./);
    expect(inspect(error, { showHidden: true, depth: 9 }).toLowerCase()).not.toContain(value);
  });

  test("nor a line that leaves open what is wrong", () => {
    expect(errorOf(ref("env", "a"))?.message).toBe("Invalid secret reference: id: an env id must match [A-Z][A-Z0-9_]{0,127}");
    expect(errorOf({ source: "vault", id: 7, key: "" })?.message).toBe(
      'Invalid secret reference: source: Invalid option: expected one of "env"|"file"|"exec"; id: Invalid input: expected string, received number; it has source, provider and id, and nothing else',
    );
    expect(errorOf("$A")?.message).toBe("Invalid secret reference: a reference in text form is exactly ${NAME}");
  });
});

test.each<[unknown, boolean]>([
  ["${A}", true],
  [{ source: "env", id: "A" }, true],
  [{}, true],
  ["$A", false],
  ["sk-${A}", false],
  ["", false],
  [null, false],
  [undefined, false],
  [7, false],
])("%j looks like a reference: %s", (value, expected) => {
  expect(isSecretRefLike(value)).toBe(expected);
});

test("a reference is printed as source:provider:id", () => {
  expect(formatSecretRef({ source: "exec", provider: "vault", id: "a/b" })).toBe("exec:vault:a/b");
});
