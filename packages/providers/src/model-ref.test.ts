import { expect, test } from "vitest";
import { defaultModelRef, parseModelRef } from "./model-ref.ts";

test.each([
  ["anthropic/claude-opus-4-6", "anthropic", "claude-opus-4-6"],
  [" OpenAI/gpt-5.4 ", "openai", "gpt-5.4"],
  ["z.ai/glm-5", "zai", "glm-5"],
  ["together/moonshotai/Kimi-K2.5", "together", "moonshotai/Kimi-K2.5"],
  ["synthetic/hf:MiniMaxAI/MiniMax-M2.5", "synthetic", "hf:MiniMaxAI/MiniMax-M2.5"],
  ["nobody/x", "nobody", "x"],
])("%j is a model of a provider", (text, provider, model) => {
  expect(parseModelRef(text)).toEqual({ provider, model });
});

test.each(["Opus", "", "/", "/model", "anthropic/", " / "])("%j names no provider and model", (text) => {
  expect(parseModelRef(text)).toBeUndefined();
});

test.each([
  ["openrouter/auto", "openrouter/auto"],
  ["openrouter/openrouter/auto", "openrouter/auto"],
  ["openrouter/moonshotai/kimi-k2", "moonshotai/kimi-k2"],
])("%j is sent to OpenRouter as %j", (text, model) => {
  expect(parseModelRef(text)).toEqual({ provider: "openrouter", model });
});

test("what status prints of openrouter/auto is what the original prints", () => {
  const ref = parseModelRef("openrouter/auto");
  expect(`${ref?.provider}/${ref?.model}`).toBe("openrouter/openrouter/auto");
});

test("the default model is one that can be read", () => {
  expect(parseModelRef(defaultModelRef)).toEqual({ provider: "anthropic", model: "claude-opus-4-6" });
});
