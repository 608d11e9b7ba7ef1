import { Secret } from "@openclaw/secrets";
import { expect, test } from "vitest";
import { scrubEnv } from "./env-file.ts";

const moved = Secret.of("test-key-moved");
const scrub = (text: string, needed: readonly string[] = []) =>
  scrubEnv(text, {
    isCredential: (name) => /KEY|TOKEN/u.test(name),
    isMigrated: (value) => moved.equals(value),
    isNeeded: (name) => needed.includes(name),
  });

test.each([
  ["a plain line", "A=1\nOPENAI_API_KEY=test-key-moved\nB=2\n", "A=1\nB=2\n"],
  ["the last line without an end", "A=1\nOPENAI_API_KEY=test-key-moved", "A=1\n"],
  ["with export, spaces and a comment", "  export  OPENAI_API_KEY = test-key-moved # mine\nB=2\n", "B=2\n"],
  ["in quotes of any kind", "OPENAI_API_KEY='test-key-moved'\nX_KEY=\"test-key-moved\"\nY_KEY=`test-key-moved`\nB=2\n", "B=2\n"],
  ["with Windows line ends", "A=1\r\nOPENAI_API_KEY=test-key-moved\r\n# c\r\nB=2\r\n", "A=1\r\n# c\r\nB=2\r\n"],
  ["after a byte order mark", "\uFEFFOPENAI_API_KEY=test-key-moved\nB=2\n", "\uFEFFB=2\n"],
  ["over several lines", 'OPENAI_API_KEY="test-key-\nmoved"\nB=2\n', "B=2\n"],
  ["twice", "OPENAI_API_KEY=test-key-moved\nOPENAI_API_KEY=test-key-moved\n", ""],
])("removes a moved value %s, and no other byte", (_how, text, expected) => {
  expect(scrub(text).text).toBe(expected);
});

test.each([
  ["a comment", "# OPENAI_API_KEY=test-key-moved\n"],
  ["a variable that holds no credential", "OTHER=test-key-moved\n"],
  ["another value", "OPENAI_API_KEY=test-key-moved-2\n"],
  ["a list with other keys", "OPENAI_API_KEYS=test-key-moved,test-key-two\n"],
  ["what looks like a line inside of a value", 'NOTE="\nOPENAI_API_KEY=test-key-moved\n"\n'],
  ["an empty value", "OPENAI_API_KEY=\nB=2"],
  ["no text at all", ""],
  ["what is no assignment", "== \n\tfoo\n=x\n"],
])("leaves %s", (_what, text) => {
  expect(scrub(text).text).toBe(text);
});

test("keeps a line that a reference reads, and names it", () => {
  const text = "OPENAI_API_KEY=test-key-moved\nX_KEY=test-key-moved\nY_KEY=test-key-two\n";
  expect(scrub(text, ["OPENAI_API_KEY"])).toEqual({
    text: "OPENAI_API_KEY=test-key-moved\nY_KEY=test-key-two\n",
    removed: ["X_KEY"],
    needed: ["OPENAI_API_KEY"],
    others: ["Y_KEY"],
  });
});
