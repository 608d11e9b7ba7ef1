import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Interrupted } from "../prompt.ts";
import { createLinePrompt } from "./line-prompt.ts";

function open(signal = new AbortController().signal) {
  const input = new PassThrough();
  let shown = "";
  const output = { write: (text: string | Uint8Array) => (shown += String(text)) !== "" };
  return { input, prompt: createLinePrompt({ input, output }, signal), shown: () => shown };
}

const choices = [
  { value: "first", label: "First" },
  { value: "second", label: "Second", hint: "of two" },
];

test("asks again until the answer is one of the choices, and draws nothing", async () => {
  const { input, prompt, shown } = open();
  input.write("9\n0\nx\n2\n");
  expect(await prompt.select({ message: "Which?", choices })).toBe("second");
  expect(shown()).toContain("2. Second (of two)");
  expect(shown()).not.toContain("\u001B");
});

test("reads several choices, none, and what was typed ahead", async () => {
  const { input, prompt } = open();
  input.write("2 1, 2\n\ny\n");
  expect(await prompt.selectMany({ message: "Which?", choices })).toEqual(["second", "first"]);
  expect(await prompt.selectMany({ message: "Which?", choices })).toEqual([]);
  expect(await prompt.confirm({ message: "Sure?", initial: false })).toBe(true);
});

test("an empty line is the answer that stands there already", async () => {
  const { input, prompt } = open();
  input.write("\n\n");
  expect(await prompt.text({ message: "Name", initial: "vault" })).toBe("vault");
  expect(await prompt.confirm({ message: "Sure?", initial: true })).toBe(true);
});

test("an answer is checked before it counts", async () => {
  const { input, prompt, shown } = open();
  input.write("A B\nAB\n");
  expect(await prompt.text({ message: "Name", check: (text) => (text.includes(" ") ? "no spaces" : undefined) })).toBe("AB");
  expect(shown()).toContain("no spaces");
});

test("the end of the input and an abort give up", async () => {
  const ended = open();
  ended.input.end();
  await expect(ended.prompt.text({ message: "Name" })).rejects.toThrow(Interrupted);
  const stop = new AbortController();
  const asked = open(stop.signal).prompt.confirm({ message: "Sure?", initial: true });
  stop.abort();
  await expect(asked).rejects.toThrow(Interrupted);
});
