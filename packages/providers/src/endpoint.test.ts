import { describe, expect, test } from "vitest";
import { customSpec } from "./custom-spec.ts";
import { dialectsOf, endpointFor, leadsOutside } from "./endpoint.ts";
import { dialectOf, operations } from "./operations.ts";
import type { ApiKind, Operation } from "./spec.ts";
import { providerSpecs } from "./specs/index.ts";
import { findProvider } from "./table.ts";

const all = Object.keys(operations).filter((name): name is Operation => name in operations);

function specOf(id: string) {
  const spec = findProvider(id);
  if (!spec) throw new Error(`no provider ${id}`);
  return spec;
}

function endpoint(id: string, operation: Operation, { baseUrl, model = "m" }: { readonly baseUrl?: string; readonly model?: string } = {}) {
  const spec = specOf(id);
  return endpointFor(spec, operation, { baseUrl: new URL(baseUrl ?? spec.baseUrl ?? "http://127.0.0.1:1/"), model });
}

describe("where an operation is answered", () => {
  test.each([
    ["openai", "chat-completions", "https://api.openai.com/v1/chat/completions", "bearer"],
    ["openai", "responses", "https://api.openai.com/v1/responses", "bearer"],
    ["openai", "embeddings", "https://api.openai.com/v1/embeddings", "bearer"],
    ["groq", "chat-completions", "https://api.groq.com/openai/v1/chat/completions", "bearer"],
    ["openrouter", "embeddings", "https://openrouter.ai/api/v1/embeddings", "bearer"],
    ["openrouter", "messages", "https://openrouter.ai/api/v1/messages", "bearer"],
    ["google", "chat-completions", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", "bearer"],
    ["google", "embeddings", "https://generativelanguage.googleapis.com/v1beta/openai/embeddings", "bearer"],
    ["google", "generateContent", "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent", "x-goog-api-key"],
    ["google", "embedContent", "https://generativelanguage.googleapis.com/v1beta/models/m:embedContent", "x-goog-api-key"],
    ["kilocode", "chat-completions", "https://api.kilo.ai/api/gateway/chat/completions", "bearer"],
    ["anthropic", "messages", "https://api.anthropic.com/v1/messages", "x-api-key"],
    ["anthropic", "count-message-tokens", "https://api.anthropic.com/v1/messages/count_tokens", "x-api-key"],
    ["kimi", "messages", "https://api.kimi.com/coding/v1/messages", "x-api-key"],
    ["minimax-portal", "messages", "https://api.minimax.io/anthropic/v1/messages", "bearer"],
    ["vercel-ai-gateway", "embeddings", "https://ai-gateway.vercel.sh/v1/embeddings", "bearer"],
    ["vercel-ai-gateway", "messages", "https://ai-gateway.vercel.sh/v1/messages", "x-api-key"],
    ["ollama", "chat-completions", "http://127.0.0.1:11434/v1/chat/completions", "bearer"],
    ["voyage", "embeddings", "https://api.voyageai.com/v1/embeddings", "bearer"],
  ] as const)("%s answers %s at %s", (id, operation, url, auth) => {
    const found = endpoint(id, operation);
    expect(found).toMatchObject({ origin: new URL(url).origin, path: new URL(url).pathname, auth });
    expect(found?.url.href).toBe(url);
  });

  test.each([
    ["anthropic", "chat-completions"],
    ["openai", "messages"],
    ["google", "messages"],
    ["groq", "embeddings"],
    ["voyage", "chat-completions"],
    ["github-copilot", "chat-completions"],
    ["openai-codex", "chat-completions"],
    ["amazon-bedrock", "messages"],
    ["perplexity", "chat-completions"],
  ] as const)("%s does not answer %s", (id, operation) => {
    expect(endpoint(id, operation)).toBeUndefined();
  });

  test.each([
    ["openai", ["openai-completions", "openai-responses"]],
    ["anthropic", ["anthropic-messages"]],
    ["google", ["openai-completions", "google-generative-ai"]],
    ["openrouter", ["openai-completions", "openai-responses", "anthropic-messages"]],
    ["voyage", []],
    ["github-copilot", []],
  ] as const)("one can talk with %s in %j", (id, dialects) => {
    expect(dialectsOf(specOf(id), "m")).toEqual(dialects);
  });

  test.each<[ApiKind, readonly Operation[]]>([
    ["openai-completions", ["chat-completions", "embeddings"]],
    ["openai-responses", ["embeddings", "responses"]],
    ["azure-openai-responses", ["responses"]],
    ["anthropic-messages", ["messages", "count-message-tokens"]],
    ["google-generative-ai", all.filter((operation) => dialectOf(operation) === "google-generative-ai")],
    ["embeddings", ["embeddings"]],
    ["ollama", ["chat-completions", "embeddings", "responses"]],
    ["bedrock-converse-stream", []],
  ])("a provider of the operator's that speaks %s answers %j", (api, expected) => {
    const baseUrl = "https://llm.example/v1";
    const spec = customSpec({ id: "mine", api, baseUrl });
    expect(all.filter((operation) => endpointFor(spec, operation, { baseUrl: new URL(baseUrl), model: "m" }))).toEqual(expected);
  });

  test("models of one provider may speak differently", () => {
    expect(endpoint("opencode", "messages", { model: "claude-a" })?.path).toBe("/zen/v1/messages");
    expect(endpoint("opencode", "count-message-tokens", { model: "claude-a" })).toBeUndefined();
    expect(endpoint("opencode", "chat-completions", { model: "claude-a" })).toBeUndefined();
    expect(endpoint("opencode", "responses", { model: "gpt-a" })?.path).toBe("/zen/v1/responses");
    expect(endpoint("opencode", "streamGenerateContent", { model: "gemini-a" })?.path).toBe(
      "/zen/v1/models/gemini-a:streamGenerateContent",
    );
    expect(endpoint("opencode", "chat-completions", { model: "kimi-a" })?.path).toBe("/zen/v1/chat/completions");
  });

  test("the operator's base URL is the one that is used, with its port and path", () => {
    expect(endpoint("openai", "chat-completions", { baseUrl: "http://127.0.0.1:8080/proxy//" })).toMatchObject({
      origin: "http://127.0.0.1:8080",
      path: "/proxy/chat/completions",
    });
  });

  test("the base URL is left as it was", () => {
    const spec = customSpec({ id: "mine", baseUrl: "https://llm.example/v1" });
    const baseUrl = new URL("https://llm.example/v1");
    endpointFor(spec, "chat-completions", { baseUrl, model: "m" });
    expect(baseUrl.href).toBe("https://llm.example/v1");
  });

  test("no endpoint of the table leaves the origin of its base URL", () => {
    for (const spec of providerSpecs) {
      const base = new URL(spec.baseUrl?.replaceAll(/[{}]/g, "") ?? "https://llm.example");
      for (const operation of all) {
        expect(endpointFor(spec, operation, { baseUrl: base, model: "m" })?.origin ?? base.origin).toBe(base.origin);
      }
    }
  });
});

describe("the name of a model in a path", () => {
  const start = "https://generativelanguage.googleapis.com/v1beta/models/";

  test.each([
    ["a/b", "a%2Fb"],
    ["a?key=x#y", "a%3Fkey%3Dx%23y"],
    ["a b\u00e9", "a%20b%C3%A9"],
    ["a\\b", "a%5Cb"],
    ["a..b", "a..b"],
    ["@evil.example/", "%40evil.example%2F"],
    ["a\0\r\n", "a%00%0D%0A"],
    ["\ud800", "%EF%BF%BD"],
    ["$&$1{model}", "%24%26%241%7Bmodel%7D"],
  ])("%j is one part of it", (model, segment) => {
    expect(endpoint("google", "generateContent", { model })?.url.href).toBe(`${start}${segment}:generateContent`);
  });

  test.each(["..", ".", "../x", "a/../b", "a/./b", "a/..", String.raw`..\x`, "%2e%2e/x", "..%2fx", "x%5C..%5Cy", "%2E"])(
    "%s has no place in it",
    (model) => {
      expect(leadsOutside(model)).toBe(true);
      expect(endpoint("google", "generateContent", { model })).toBeUndefined();
    },
  );
});
