import { expect, test } from "vitest";
import { customSpec } from "./custom-spec.ts";
import { requestEndpoint } from "./request-endpoint.ts";
import { findProvider } from "./table.ts";

test.each([
  ["openai", "/v1/chat/completions", "openai", "bearer"],
  ["openai", "/v1/threads/t/messages", "openai", "bearer"],
  ["anthropic", "/v1/messages", "anthropic", "x-api-key"],
  ["anthropic", "/v1/messages/count_tokens", "anthropic", "x-api-key"],
  ["anthropic", "/v1/models", "anthropic", "x-api-key"],
  ["anthropic", "/v1/chat/completions", "openai", "x-api-key"],
  ["google", "/v1beta/models/m:generateContent", "google", "x-goog-api-key"],
  ["google", "/v1beta/openai/chat/completions", "openai", "bearer"],
  ["google", "/v1beta/openai/embeddings", "openai", "bearer"],
  ["groq", "/openai/v1/chat/completions", "openai", "bearer"],
])("%s at %s speaks %s, with %s", (id, path, dialect, auth) => {
  const spec = findProvider(id);
  const baseUrl = new URL(spec?.baseUrl ?? "");
  if (!spec) throw new Error(`no ${id}`);
  expect(requestEndpoint(spec, baseUrl, baseUrl.origin + path)).toMatchObject({ dialect, auth, origin: baseUrl.origin, path });
});

test("a provider that an operator describes speaks what he says", () => {
  const spec = customSpec({ id: "mine", api: "anthropic-messages", baseUrl: "https://llm.example/anthropic" });
  const endpoint = requestEndpoint(spec, new URL("https://llm.example/anthropic"), "https://llm.example/anthropic/v1/messages?beta=true");
  expect(endpoint).toMatchObject({ dialect: "anthropic", auth: "x-api-key", path: "/anthropic/v1/messages?beta=true" });
});
