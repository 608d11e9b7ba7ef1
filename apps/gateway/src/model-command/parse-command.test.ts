import { expect, test } from "vitest";
import { parseCommand } from "./parse-command.ts";

test.each([
  ["/model", { kind: "show" }],
  ["/model  \n", { kind: "show" }],
  ["/model:", { kind: "show" }],
  ["/model list", { kind: "list" }],
  ["/model: status ", { kind: "status" }],
  ["/model 3", { kind: "use", name: "3" }],
  ["/model: opus", { kind: "use", name: "opus" }],
  ["/model:opus", { kind: "use", name: "opus" }],
  ["/model openai/gpt-5.4@openai:me+work@example.com", { kind: "use", name: "openai/gpt-5.4@openai:me+work@example.com" }],
  ["/model default", { kind: "use", name: "default" }],
  ["/new", { kind: "reset", word: "new" }],
  ["/reset\n", { kind: "reset", word: "reset" }],
])("%j is the whole message", (text, command) => {
  expect(parseCommand(text)).toEqual({ command, length: text.length, isAll: true });
});

test.each([
  ["/model opus What is 2+2?", "opus", "What is 2+2?"],
  ["/model opus@work\n\n  indented", "opus@work", "indented"],
  ["/model:opus /model sonnet", "opus", "/model sonnet"],
  ["/model list the files", "list", "the files"],
])("%j goes on", (text, name, rest) => {
  const parsed = parseCommand(text);
  expect(parsed).toEqual({ command: { kind: "use", name }, length: text.length - rest.length, isAll: false });
});

test.each([
  "",
  "hello",
  " /model x",
  "/models",
  "/model-x",
  "/Model x",
  "/new chat",
  "/resets",
  "/newer",
  "please /model x",
  "/model\nWhat is it?",
  "`/model x`",
])("%j is none", (text) => {
  expect(parseCommand(text)).toBeUndefined();
});

test("no text is slow", () => {
  expect(parseCommand(`/model${" \t".repeat(50_000)}`)?.command).toEqual({ kind: "show" });
  expect(parseCommand(`/new${" ".repeat(50_000)}x`)).toBeUndefined();
});
