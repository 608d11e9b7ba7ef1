import { describe, expect, test } from "vitest";
import { customSpec } from "../custom-spec.ts";
import { parseModelRef } from "../model-ref.ts";
import type { ApiKind } from "../spec.ts";
import { providerSpecs } from "../specs/index.ts";
import { findProvider } from "../table.ts";
import { needsModel, probeRequest } from "./probe-request.ts";

const BASE = "https://llm.example/base";

function custom(api: ApiKind, options: { readonly baseUrl?: string; readonly attributes?: Readonly<Record<string, string>> } = {}) {
  const baseUrl = new URL(options.baseUrl ?? BASE);
  const request = probeRequest(customSpec({ id: "mine", api, baseUrl: baseUrl.href }), {
    baseUrl,
    model: "m",
    maxTokens: 8,
    attributes: options.attributes,
  });
  if (!request) throw new Error(`no probe for ${api}`);
  return request;
}

function known(id: string, model?: string) {
  const spec = findProvider(id);
  if (!spec) throw new Error(`no provider ${id}`);
  return probeRequest(spec, { baseUrl: new URL(spec.baseUrl ?? BASE), model, maxTokens: 8 });
}

const hi = [{ role: "user", content: "hi" }];
const contents = { contents: [{ role: "user", parts: [{ text: "hi" }] }], generationConfig: { maxOutputTokens: 8 } };

describe("the smallest request of each interface", () => {
  test.each<[ApiKind, string, string, object]>([
    ["openai-completions", "/base/chat/completions", "bearer", { model: "m", messages: hi, max_tokens: 8 }],
    ["github-copilot", "/base/chat/completions", "bearer", { model: "m", messages: hi, max_tokens: 8 }],
    // Responses take no fewer tokens than 16.
    ["openai-responses", "/base/responses", "bearer", { model: "m", input: "hi", max_output_tokens: 16, store: false }],
    ["azure-openai-responses", "/base/responses", "api-key", { model: "m", input: "hi", max_output_tokens: 16, store: false }],
    [
      "openai-codex-responses",
      "/base/codex/responses",
      "bearer",
      { model: "m", instructions: "Answer with one word.", input: hi, store: false, stream: true },
    ],
    ["anthropic-messages", "/base/v1/messages", "x-api-key", { model: "m", max_tokens: 8, messages: hi }],
    ["google-generative-ai", "/base/models/m:generateContent", "x-goog-api-key", contents],
    ["google-vertex", "/base/v1/publishers/google/models/m:generateContent", "x-goog-api-key", contents],
    ["google-gemini-cli", "/base/v1internal:generateContent", "bearer", { model: "m", request: contents }],
    ["mistral-conversations", "/base/v1/chat/completions", "bearer", { model: "m", messages: hi, max_tokens: 8 }],
    [
      "bedrock-converse-stream",
      "/base/model/m/converse",
      "bearer",
      { messages: [{ role: "user", content: [{ text: "hi" }] }], inferenceConfig: { maxTokens: 8 } },
    ],
    ["ollama", "/base/api/chat", "bearer", { model: "m", messages: hi, stream: false, options: { num_predict: 8 } }],
  ])("%s", (api, path, auth, body) => {
    const request = custom(api);
    expect({
      ...request,
      endpoint: request.endpoint.path,
      auth: request.endpoint.auth,
      body: JSON.parse(request.body ?? ""),
    }).toMatchObject({
      api,
      method: "POST",
      endpoint: path,
      auth,
      body,
    });
    expect(request.headers).toMatchObject({ "content-type": "application/json", "user-agent": "openclaw" });
  });

  test("a limit that is large enough is the limit", () => {
    const spec = customSpec({ id: "mine", api: "openai-responses", baseUrl: BASE });
    const body = probeRequest(spec, { baseUrl: new URL(BASE), model: "m", maxTokens: 64 })?.body;
    expect(JSON.parse(body ?? "")).toMatchObject({ max_output_tokens: 64 });
  });

  test("Anthropic's names the version, and Codex says that it streams", () => {
    expect(custom("anthropic-messages").headers).toMatchObject({ "anthropic-version": "2023-06-01" });
    expect(custom("openai-codex-responses").headers).toMatchObject({ accept: "text/event-stream" });
  });

  test("Mistral's base URL may name the version or not", () => {
    for (const baseUrl of [
      "https://api.mistral.ai",
      "https://api.mistral.ai/",
      "https://api.mistral.ai/v1",
      "https://api.mistral.ai/v1/",
    ]) {
      expect(custom("mistral-conversations", { baseUrl }).endpoint.url.href).toBe("https://api.mistral.ai/v1/chat/completions");
    }
  });

  test("what a credential carries beside its secret goes where it belongs", () => {
    expect(JSON.parse(custom("google-gemini-cli", { attributes: { projectId: "p" } }).body ?? "")).toMatchObject({ project: "p" });
    const codex = findProvider("openai-codex");
    if (!codex) throw new Error("no openai-codex");
    const ask = { baseUrl: new URL(BASE), model: "m", maxTokens: 8 };
    expect(probeRequest(codex, { ...ask, attributes: { accountId: "account-one" } })?.headers).toMatchObject({
      "chatgpt-account-id": "account-one",
    });
    expect(probeRequest(codex, ask)?.headers).not.toHaveProperty("chatgpt-account-id");
  });

  test("a model's name is one part of a path, whatever is in it", () => {
    const ask = { baseUrl: new URL(BASE), model: "../a/b:0?c", maxTokens: 8 };
    const path = (api: ApiKind) => probeRequest(customSpec({ id: "mine", api, baseUrl: BASE }), ask)?.endpoint.path;
    expect(path("bedrock-converse-stream")).toBe("/base/model/..%2Fa%2Fb%3A0%3Fc/converse");
    expect(path("google-generative-ai")).toBe("/base/models/..%2Fa%2Fb%3A0%3Fc:generateContent");
  });
});

describe("providers with ways of their own", () => {
  test.each([
    ["opencode", "claude-opus-4-6", "/zen/v1/messages", "anthropic-messages"],
    ["opencode", "gpt-5.4", "/zen/v1/responses", "openai-responses"],
    ["opencode", "gemini-3-pro", "/zen/v1/models/gemini-3-pro:generateContent", "google-generative-ai"],
    ["opencode", "kimi-k2.5", "/zen/v1/chat/completions", "openai-completions"],
    ["opencode-go", "minimax-m3", "/zen/go/v1/messages", "anthropic-messages"],
    ["opencode-go", "kimi-k2.5", "/zen/go/v1/chat/completions", "openai-completions"],
  ])("%s speaks to %s at %s", (id, model, path, api) => {
    const request = known(id, model);
    expect({ path: request?.endpoint.path, api: request?.api }).toEqual({ path, api });
  });

  test("OpenAI's Chat Completions take the newer name of the limit", () => {
    const spec = findProvider("openai");
    if (!spec) throw new Error("no openai");
    const body = probeRequest({ ...spec, api: "openai-completions" }, { baseUrl: new URL(BASE), model: "m", maxTokens: 8 })?.body;
    expect(JSON.parse(body ?? "")).toEqual({ model: "m", messages: hi, max_completion_tokens: 8 });
  });

  test.each([
    ["voyage", "POST", "https://api.voyageai.com/v1/embeddings", '{"input":"hi","model":"voyage-3.5-lite"}'],
    ["deepgram", "GET", "https://api.deepgram.com/v1/auth/token", undefined],
    ["brave", "GET", "https://api.search.brave.com/res/v1/web/search?q=hi&count=1", undefined],
    ["tavily", "GET", "https://api.tavily.com/usage", undefined],
  ])("%s is asked %s %s without a model", (id, method, url, body) => {
    const request = known(id);
    expect({ method: request?.method, url: request?.endpoint.url.href, body: request?.body }).toEqual({ method, url, body });
    expect(request?.headers["content-type"]).toBe(body === undefined ? undefined : "application/json");
  });

  test("where there is no model to ask, or nothing that costs little, there is no request", () => {
    expect(known("groq")).toBeUndefined();
    expect(known("fal")).toBeUndefined();
  });
});

test("every provider's probe is under 300 bytes and stays at its base URL", () => {
  for (const spec of providerSpecs) {
    const baseUrl = new URL(spec.baseUrl?.replaceAll(/[{}]/gu, "") ?? BASE);
    const model = needsModel(spec) ? (parseModelRef(spec.defaultModel ?? "")?.model ?? "a-model-of-some-length") : undefined;
    const request = probeRequest(spec, { baseUrl, model, maxTokens: 8 });
    if (spec.id === "fal") continue;
    expect(Buffer.byteLength(request?.body ?? "")).toBeLessThan(300);
    expect(request?.endpoint.origin).toBe(baseUrl.origin);
  }
});
