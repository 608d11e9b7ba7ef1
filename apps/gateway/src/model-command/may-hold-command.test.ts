import { expect, test } from "vitest";
import { mayHoldCommand } from "./may-hold-command.ts";

const holding = (content: string, before = "") => mayHoldCommand(Buffer.from(JSON.stringify({ before, content })));

test.each(["/model", "/model list", "/model: x", "/model:x", "/model\nopus", "/new", "/reset ", "/model\tx"])("%j may be one", (text) => {
  expect(holding(text)).toBe(true);
  // Beyond those slashes that are looked at one by one.
  expect(holding(text, "a/b".repeat(500))).toBe(true);
});

test.each([String.raw`{"a":"\/model"}`, String.raw`{"a":"\u002fmodel"}`, String.raw`{"a":"\u002Fnew"}`])(
  "a slash may be escaped: %s",
  (text) => {
    expect(mayHoldCommand(Buffer.from(text))).toBe(true);
    expect(mayHoldCommand(Buffer.from(text.replace("{", `{"b":"${"a/b".repeat(500)}",`)))).toBe(true);
  },
);

test.each([
  "",
  "model",
  "use /model x",
  "src/model",
  "/models",
  "/newer",
  "/resets",
  "\\/model",
  '"/model"',
  '{"a":"/model x"}',
  "//model",
])("%j is none, in a text or a name before it or not", (text) => {
  expect(holding(text)).toBe(false);
  expect(holding(text, "a/b".repeat(500))).toBe(false);
});

test("what an image happens to have in it is no slash", () => {
  expect(holding("iVBORw0KGgo002fAAAA002F")).toBe(false);
  expect(mayHoldCommand(Buffer.from(String.raw`{"a":"u002fmodel"}`))).toBe(false);
});

test("a text that is all but a command over and over is parsed sooner than looked through", () => {
  expect(holding('"/'.repeat(1_000))).toBe(false);
  expect(holding('"/'.repeat(20_000))).toBe(true);
});
