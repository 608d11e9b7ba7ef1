import * as fc from "fast-check";
import { expect, test } from "vitest";
import { splitModelPin } from "./model-pin.ts";

test.each([
  ["anthropic/claude-opus-4-6", "anthropic/claude-opus-4-6", undefined],
  ["anthropic/claude-opus-4-6@anthropic:work", "anthropic/claude-opus-4-6", "anthropic:work"],
  [" anthropic/claude-opus-4-6@anthropic:work ", "anthropic/claude-opus-4-6", "anthropic:work"],
  ["openai/gpt@openai:me@example.com", "openai/gpt", "openai:me@example.com"],
  ["google/gemini@20260115", "google/gemini@20260115", undefined],
  ["google/gemini@20260115@google:b", "google/gemini@20260115", "google:b"],
  ["google/gemini@2026011", "google/gemini", "2026011"],
  ["google/gemini@202601155", "google/gemini", "202601155"],
  ["sonnet@work", "sonnet", "work"],
  ["openrouter/@cf/meta/llama@openrouter:a", "openrouter/@cf/meta/llama", "openrouter:a"],
  ["workers/@cf/meta/llama", "workers/@cf/meta/llama", undefined],
  ["anthropic/claude@", "anthropic/claude@", undefined],
  ["@work", "@work", undefined],
  ["", "", undefined],
])("%j is the model %j with the profile %j", (text, model, profileId) => {
  expect(splitModelPin(text)).toEqual({ model, ...(profileId !== undefined && { profileId }) });
});

test("a model without an @ is itself, whatever else is in it, and no text is slow", () => {
  fc.assert(fc.property(fc.string(), (text) => splitModelPin(text.replaceAll("@", "")).profileId === undefined));
  expect(splitModelPin(`${"/@".repeat(50_000)}`).profileId).toBeUndefined();
});
