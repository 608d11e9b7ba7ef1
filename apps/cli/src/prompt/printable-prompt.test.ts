import { expect, test } from "vitest";
import type { Prompt } from "../prompt.ts";
import { printablePrompt } from "./printable-prompt.ts";

const evil = "ok\u001B]52;c;AAAA\u0007\u202Eevil\r";
const unprintable = /[\u0000-\u0009\u000B-\u001F\u202E]/;

test("T20: nothing that a file or a provider says moves the cursor or turns the text around", async () => {
  const shown: string[] = [];
  const keep = (value: unknown) =>
    void shown.push(JSON.stringify(value, (_key, part: unknown) => (typeof part === "function" ? undefined : part)));
  const plain: Prompt = {
    say: (text) => void shown.push(text),
    select: async (question) => {
      keep(question);
      return question.choices.map(({ value }) => value)[0] ?? Promise.reject(new Error("no choice"));
    },
    selectMany: async (question) => {
      keep(question);
      return question.choices.map(({ value }) => value);
    },
    text: async (question) => {
      keep(question);
      shown.push(question.check?.("x") ?? "");
      return " typed ";
    },
    secret: async (question) => {
      keep(question);
      const answer = question.read(evil);
      return typeof answer === "string" ? Promise.reject(new Error(answer)) : answer.value;
    },
    confirm: async (question) => {
      keep(question);
      return true;
    },
  };
  const prompt = printablePrompt(plain);
  const choices = [{ value: evil, label: evil, hint: evil }];
  prompt.say(`${evil}\nsecond line`);
  // What is chosen is what was offered, whatever was shown of it.
  expect(await prompt.select({ message: evil, choices })).toBe(evil);
  expect(await prompt.selectMany({ message: evil, choices })).toEqual([evil]);
  expect(await prompt.text({ message: evil, example: evil, initial: evil, check: () => evil })).toBe("typed");
  expect(await prompt.secret({ message: evil, read: (pasted) => ({ value: pasted }) })).toBe(evil);
  expect(await prompt.confirm({ message: evil, initial: true })).toBe(true);
  const labels = shown.map((text) => text.replace(/"value":"(?:[^"\\]|\\.)*"/, ""));
  expect(labels.join("\n")).not.toMatch(unprintable);
  expect(labels.join("\n")).not.toMatch(/\\u001b|\\r/);
  expect(shown[0]).toContain("\nsecond line");
});
