import fc from "fast-check";
import { expect, test } from "vitest";
import { readPastedToken } from "./pasted-token.ts";

const setupToken = `sk-ant-oat01-${"test_Key-One".repeat(8).slice(0, 95)}`;
const valueOf = (text: string) => {
  const read = readPastedToken(text);
  return "secret" in read ? read.secret.reveal() : read.problem;
};

test.each([
  ["as it is", setupToken],
  ["with a line break at the end", `${setupToken}\r\n`],
  ["wrapped at 80", `${setupToken.slice(0, 80)}\n${setupToken.slice(80)}`],
  ["wrapped and indented", `  ${setupToken.slice(0, 40)}\r\n  ${setupToken.slice(40, 80)} \r  ${setupToken.slice(80)}  `],
  ["in the codes of a paste", `\u001B[200~${setupToken}\u001B[201~`],
  ["in those codes without their escape", `[200~${setupToken}^[[201~\n`],
  ["coloured", `\u001B[1;32m${setupToken}\u001B[0m`],
  ["with a byte order mark", `\uFEFF${setupToken}`],
  ["with invisible characters", `\u200B${setupToken.slice(0, 20)}\u00AD\u2060${setupToken.slice(20)}\u00A0`],
])("20: takes a token %s", (_name, text) => {
  expect(setupToken).toHaveLength(108);
  expect(readPastedToken(text)).toMatchObject({ length: 108 });
  expect(valueOf(text)).toBe(setupToken);
});

test.each([
  ["nothing", " \r\n", "Required"],
  ["a token that was cut at 79", setupToken.slice(0, 79), "cut off"],
  ["an API key", `sk-ant-api03-${"A".repeat(90)}`, "an API key of Anthropic"],
  ["an API key that was wrapped", `sk-ant-\napi03-${"A".repeat(90)}`, "an API key of Anthropic"],
  ["a mask of stars", "sk-ant-***", "mask"],
  ["a mask of dots", `${setupToken.slice(0, 90)}...abcd`, "mask"],
  ["an ellipsis", "test\u2026key", "Character 5"],
  ["bullets", "\u2022".repeat(20), "mask"],
  ["a redacted value", "[redacted]", "mask"],
  ["an example", "<your-token>", "mask"],
  ["another example", "your-token-here", "mask"],
  ["a variable", "$ANTHROPIC_TOKEN", "name of a place"],
  ["a placeholder", "${ANTHROPIC_TOKEN}", "name of a place"],
  ["an assignment", `export ANTHROPIC_TOKEN=${setupToken}`, "something before the token"],
  ["a header", `Bearer ${setupToken}`, "something before the token"],
  ["a quoted token", `"${setupToken}"`, "something before the token"],
  ["a command", "claude setup-token", "a command"],
  ["a command in a command", "$(cat token)", "name of a place"],
  ["a pipe", "cat token | head", "a command"],
  ["a letter beyond a header", "test-k\u00E9y", "Character 7 is none that a token has (U+00E9)"],
  ["a control character", "test\u0007key", "Character 5"],
])("21: refuses %s, and does not repeat it", (_name, text, problem) => {
  const read = readPastedToken(text);
  expect(read).toMatchObject({ problem: expect.stringContaining(problem) });
  expect(JSON.stringify(read)).not.toContain(setupToken.slice(0, 30));
});

test("20: doubts a setup-token that is shorter than they are", () => {
  expect(readPastedToken(setupToken.slice(0, 80))).toMatchObject({ length: 80, doubt: expect.stringContaining("80 characters") });
  expect(readPastedToken(setupToken)).not.toHaveProperty("doubt");
  expect(readPastedToken("test-key-one")).not.toHaveProperty("doubt");
});

test("20: wherever a terminal breaks a token, the same token is read", () => {
  const breaks = fc.constantFrom("\n", "\r\n", "\r", " ", "\n  ", "\t", "\u200B");
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 107 }), breaks), { maxLength: 6 }), fc.boolean(), (places, isMarked) => {
      let text = setupToken;
      for (const [at, made] of places.toSorted(([left], [right]) => right - left)) text = text.slice(0, at) + made + text.slice(at);
      expect(valueOf(isMarked ? `\u001B[200~${text}\u001B[201~\r` : text)).toBe(setupToken);
    }),
  );
});

test("21: whatever is pasted becomes a value that a header carries, or a refusal", { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.string({ unit: "grapheme" })), (text) => {
      const read = readPastedToken(text);
      const value = "secret" in read ? read.secret.reveal() : undefined;
      const isSendable = value !== undefined && /^[\u0021-\u007E]+$/u.test(value) && new Headers({ "x-api-key": value }).has("x-api-key");
      expect(isSendable || ("problem" in read && read.problem !== "")).toBe(true);
    }),
    { numRuns: 10_000 },
  );
});
