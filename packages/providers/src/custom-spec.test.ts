import { expect, test } from "vitest";
import { customSpec } from "./custom-spec.ts";

test.each([
  [undefined, "openai-completions", "bearer"],
  ["openai-completions", "openai-completions", "bearer"],
  ["openai-responses", "openai-responses", "bearer"],
  ["anthropic-messages", "anthropic-messages", "x-api-key"],
  ["google-generative-ai", "google-generative-ai", "x-goog-api-key"],
  ["azure-openai-responses", "azure-openai-responses", "api-key"],
  ["bedrock-converse-stream", "bedrock-converse-stream", "aws-sigv4"],
  ["ollama", "ollama", "bearer"],
] as const)("a custom provider with api %j speaks %j and takes its key as %j", (api, kind, auth) => {
  const spec = customSpec({ id: "mine", baseUrl: "https://llm.example/v1", ...(api && { api }) });
  expect(spec).toMatchObject({ id: "mine", baseUrl: "https://llm.example/v1", api: kind, auth, env: [] });
});

test("one that speaks Anthropic's interface names its version", () => {
  expect(customSpec({ id: "mine", api: "anthropic-messages", baseUrl: "https://llm.example" }).headers).toEqual({
    "anthropic-version": "2023-06-01",
  });
});
