import { createRedactor, Secret } from "@openclaw/secrets";
import { describe, expect, test } from "vitest";
import { answerHead } from "./forwarded-headers.ts";

const redactor = createRedactor();
redactor.add(Secret.of("test-key-one"));
redactor.add(Secret.of("test-schlüssel"));

/** As they lie in memory when they come from a connection in one piece. */
function received(lines: readonly (readonly [string, string])[]) {
  const bytes = Buffer.from(lines.map(([name, value]) => `${name}: ${value}\r\n`).join(""), "latin1");
  let at = 0;
  const raw = lines.flatMap(([name, value]) => {
    const pieces = [bytes.subarray(at, at + name.length), bytes.subarray(at + name.length + 2, at + name.length + 2 + value.length)];
    at += name.length + value.length + 4;
    return pieces;
  });
  return { raw, headers: Object.fromEntries(lines.map(([name, value]) => [name.toLowerCase(), value])) };
}

const headOf = (lines: readonly (readonly [string, string])[], changes = {}, keepsLength = true) =>
  answerHead({ ...received(lines), redactor, keepsLength, changes });

describe("the head of an answer", () => {
  test("is handed on without what speaks of the connection, and with what takes the place of its own", () => {
    const lines = [
      ["Content-Type", "application/json"],
      ["Connection", "keep-alive"],
      ["X-OpenClaw-Credential", "somebody"],
      ["retry-after-ms", "5"],
      ["constructor", "kept"],
    ] as const;
    expect(headOf(lines, { "retry-after-ms": undefined, "retry-after": "7" })).toEqual([
      "content-type",
      "application/json",
      "constructor",
      "kept",
      "retry-after",
      "7",
    ]);
  });

  test.each([
    ["a value", ["x-echo", "was test-key-one"], ["x-echo", "was [redacted]"]],
    ["a value with an escape", ["x-echo", "test%2Dkey%2Done"], ["x-echo", "[redacted]"]],
    ["a value beyond ASCII", ["x-echo", "test-schl\u00fcssel"], ["x-echo", "[redacted]"]],
    ["a name", ["x-test-key-one", "1"], []],
    ["a name that is one in lower case only", ["X-Test-Key-One", "1"], []],
  ] as const)("shows no key in %s", (_what, line, expected) => {
    expect(headOf([["server", "x"], line])).toEqual(["server", "x", ...expected]);
  });

  test("shows no key where it came in several pieces, or as text", () => {
    const headers = { "x-echo": "test-key-one", server: "x" };
    const parts = { headers, redactor, keepsLength: true, changes: {} };
    const pieces = ["x-echo", "test-key-one", "server", "x"];
    const expected = ["x-echo", "[redacted]", "server", "x"];
    expect(answerHead({ ...parts, raw: pieces })).toEqual(expected);
    expect(answerHead({ ...parts, raw: pieces.map((each) => Buffer.from(new Uint8Array(Buffer.from(each)).buffer)) })).toEqual(expected);
    expect(answerHead({ ...parts, raw: [] })).toEqual(expected);
  });

  test("says no length where that of the body changes", () => {
    const lines = [["content-length", "12"]] as const;
    expect(headOf(lines)).toEqual(["content-length", "12"]);
    expect(headOf(lines, {}, false)).toEqual([]);
  });
});
