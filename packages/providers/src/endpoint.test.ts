import { describe, expect, test } from "vitest";
import { customSpec } from "./custom-spec.ts";
import { endpointFor } from "./endpoint.ts";
import { providerSpecs } from "./specs/index.ts";
import { findProvider } from "./table.ts";
import type { Dialect } from "./spec.ts";

function endpoint(id: string, dialect: Dialect, baseUrl?: string) {
  const spec = findProvider(id);
  if (!spec) throw new Error(`no provider ${id}`);
  return endpointFor(spec, dialect, new URL(baseUrl ?? spec.baseUrl ?? "http://127.0.0.1:1/"));
}

describe("where a dialect is spoken", () => {
  test.each([
    ["openai", "openai-completions", "https://api.openai.com/v1/chat/completions", "bearer"],
    ["groq", "openai-completions", "https://api.groq.com/openai/v1/chat/completions", "bearer"],
    ["google", "openai-completions", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", "bearer"],
    ["kilocode", "openai-completions", "https://api.kilo.ai/api/gateway/chat/completions", "bearer"],
    ["anthropic", "anthropic-messages", "https://api.anthropic.com/v1/messages", "x-api-key"],
    ["kimi", "anthropic-messages", "https://api.kimi.com/coding/v1/messages", "x-api-key"],
    ["minimax-portal", "anthropic-messages", "https://api.minimax.io/anthropic/v1/messages", "bearer"],
  ] as const)("%s speaks %s at %s", (id, dialect, url, auth) => {
    const found = endpoint(id, dialect);
    expect(found).toMatchObject({ origin: new URL(url).origin, path: new URL(url).pathname, auth });
    expect(found?.url.href).toBe(url);
  });

  test.each([
    ["anthropic", "openai-completions"],
    ["openai", "anthropic-messages"],
    ["google", "anthropic-messages"],
    ["github-copilot", "openai-completions"],
    ["openai-codex", "openai-completions"],
    ["amazon-bedrock", "anthropic-messages"],
    ["perplexity", "openai-completions"],
  ] as const)("%s does not speak %s", (id, dialect) => {
    expect(endpoint(id, dialect)).toBeUndefined();
  });

  test("the operator's base URL is the one that is used, with its port and path", () => {
    expect(endpoint("openai", "openai-completions", "http://127.0.0.1:8080/proxy//")).toMatchObject({
      origin: "http://127.0.0.1:8080",
      path: "/proxy/chat/completions",
    });
  });

  test("the base URL is left as it was", () => {
    const spec = customSpec({ id: "mine", baseUrl: "https://llm.example/v1" });
    const base = new URL("https://llm.example/v1");
    endpointFor(spec, "openai-completions", base);
    expect(base.href).toBe("https://llm.example/v1");
  });

  test("no endpoint of the table leaves the origin of its base URL", () => {
    for (const spec of providerSpecs) {
      const base = new URL(spec.baseUrl?.replaceAll(/[{}]/g, "") ?? "https://llm.example");
      for (const dialect of ["openai-completions", "anthropic-messages"] as const) {
        expect(endpointFor(spec, dialect, base)?.origin ?? base.origin).toBe(base.origin);
      }
    }
  });
});
