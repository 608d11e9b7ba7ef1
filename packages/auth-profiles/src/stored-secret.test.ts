import { describe, expect, test } from "vitest";
import { holdsRef, readStoredSecret } from "./stored-secret.ts";

const workRef = { source: "env", provider: "default", id: "WORK_KEY" };
const OVERRIDES = "SECRETS_REF_OVERRIDES_PLAINTEXT";

describe("a value and the reference beside it", () => {
  test.each([
    ["a value alone", " test-key-one\n", undefined, { text: "test-key-one" }],
    ["nothing", undefined, undefined, {}],
    ["a blank", "  ", undefined, {}],
    ["a number", 12_345_678, undefined, {}],
    ["a reference alone", undefined, workRef, { ref: workRef }],
    ["a blank beside a reference", " ", workRef, { ref: workRef }],
    ["the reference wins over a value", "test-key-one", workRef, { ref: workRef, codes: [OVERRIDES] }],
    ["an exact ${NAME}", "${WORK_KEY}", undefined, { ref: workRef }],
    ["an exact ${NAME} with spaces around", " ${WORK_KEY}\n", undefined, { ref: workRef }],
    ["${NAME} within a text is text", "a${WORK_KEY}", undefined, { text: "a${WORK_KEY}" }],
    ["a reference in the value's place", { source: "env", id: "WORK_KEY" }, undefined, { ref: workRef }],
    ["a reference in text form", undefined, "${WORK_KEY}", { ref: workRef }],
    ["two references: the one beside wins, nothing is plaintext", "${OTHER_KEY}", workRef, { ref: workRef }],
    ["null beside a value", "test-key-one", null, { text: "test-key-one" }],
    ["an object that is no reference", { value: "test-key-one" }, undefined, { codes: ["SECRETS_REF_INVALID"] }],
    ["a control character inside", "test\u0000key", undefined, { codes: ["CREDENTIAL_UNSENDABLE"] }],
  ])("%s", (_name, value, ref, expected: { text?: string; ref?: unknown; codes?: readonly string[] }) => {
    const read = readStoredSecret(value, ref);
    expect(read.secret?.reveal()).toBe(expected.text);
    expect(read.ref).toEqual(expected.ref);
    expect(read.refProblem).toBeUndefined();
    expect(read.problems.map(({ code }) => code)).toEqual(expected.codes ?? []);
  });

  test.each([
    ["a bare variable name", "WORK_KEY"],
    ["a lower-case id", { source: "env", id: "work_key" }],
    ["an unknown source", { source: "vault", id: "x" }],
    ["a number", 7],
  ])("a broken reference (%s) never falls back to the value", (_name, ref) => {
    const read = readStoredSecret("test-key-one", ref);
    expect(read.secret).toBeUndefined();
    expect(read.ref).toBeUndefined();
    expect(read.refProblem).toEqual(expect.any(String));
    expect(read.problems.map(({ code }) => code)).toEqual([OVERRIDES, "SECRETS_REF_INVALID"]);
  });

  test.each([
    ["a lower-case id", { source: "env", id: "work_key" }],
    ["an id that climbs", { source: "exec", provider: "vault", id: "a/../b" }],
    ["a lower-case name in braces", "${work_key}"],
  ])(
    "D17: a broken reference in the value's place (%s) is unresolved, not missing: no other credential stands in for it",
    (_name, value) => {
      const read = readStoredSecret(value, undefined);
      expect([read.secret, read.ref]).toEqual([undefined, undefined]);
      expect(read.refProblem).toEqual(expect.any(String));
      expect(read.problems.map(({ code }) => code)).toEqual(["SECRETS_REF_INVALID"]);
    },
  );

  test("a reference without a provider takes the configured default of its source", () => {
    expect(readStoredSecret(undefined, { source: "exec", id: "a/b" }, { exec: "vault" }).ref?.provider).toBe("vault");
  });
});

test("only a valid reference counts as one where none is allowed", () => {
  expect(holdsRef("${WORK_KEY}")).toBe(true);
  expect(holdsRef(workRef)).toBe(true);
  expect(holdsRef("test-key-one")).toBe(false);
  expect(holdsRef({ a: 1 })).toBe(false);
  expect(holdsRef(undefined)).toBe(false);
});
