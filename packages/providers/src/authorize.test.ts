import { Secret, type Credential } from "@openclaw/secrets";
import { describe, expect, test, vi } from "vitest";
import { authorize } from "./authorize.ts";
import { endpointFor, type Endpoint } from "./endpoint.ts";
import { ProviderError } from "./errors.ts";
import type { Operation } from "./spec.ts";
import { findProvider } from "./table.ts";

function endpoint(id: string, operation: Operation): Endpoint {
  const spec = findProvider(id);
  const found = spec && endpointFor(spec, operation, { baseUrl: new URL(spec.baseUrl ?? "https://llm.example"), model: "m" });
  if (!found) throw new Error(`${id} does not answer ${operation}`);
  return found;
}

const anthropic = endpoint("anthropic", "messages");
const openai = endpoint("openai", "chat-completions");
const google = endpoint("google", "chat-completions");

function credential(kind: "api-key" | "bearer", value: string, hosts: readonly string[]): Credential {
  return { ...info(hosts), kind, secret: Secret.of(value) };
}

function info(hosts: readonly string[]) {
  return { id: "#00000001", provider: "test", origin: "TEST_API_KEY", billing: "metered" as const, hosts, generation: 0 };
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ProviderError) return error.code;
    throw error;
  }
  return "passed";
}

describe("a credential becomes a header", () => {
  test.each([
    ["api-key", "test-key-one", openai, { authorization: "Bearer test-key-one" }],
    ["api-key", "test-key-one", google, { authorization: "Bearer test-key-one" }],
    ["api-key", "test-key-one", anthropic, { "anthropic-version": "2023-06-01", "x-api-key": "test-key-one" }],
    [
      "api-key",
      "sk-ant-oat01-test",
      anthropic,
      { "anthropic-version": "2023-06-01", "anthropic-beta": "oauth-2025-04-20", authorization: "Bearer sk-ant-oat01-test" },
    ],
    [
      "bearer",
      "test-token",
      anthropic,
      { "anthropic-version": "2023-06-01", "anthropic-beta": "oauth-2025-04-20", authorization: "Bearer test-token" },
    ],
  ] as const)("%s %s", (kind, value, at, headers) => {
    expect(authorize(at, credential(kind, value, [at.origin]), {})).toEqual(headers);
  });

  test.each([
    ["deepgram", "Token test-key-one"],
    ["fal", "Key test-key-one"],
  ])("%s has a scheme of its own for keys", (id, authorization) => {
    const spec = findProvider(id);
    if (!spec) throw new Error(`no provider ${id}`);
    const at = { ...openai, spec, auth: spec.auth };
    expect(authorize(at, credential("api-key", "test-key-one", [at.origin]), {})).toEqual({ authorization });
    expect(authorize(at, credential("bearer", "test-token", [at.origin]), {})).toEqual({ authorization: "Bearer test-token" });
  });

  test("a credential that is none adds nothing", () => {
    expect(authorize(openai, { ...info([openai.origin]), kind: "none" }, { accept: "text/event-stream" })).toEqual({
      accept: "text/event-stream",
    });
  });
});

describe("headers of the caller", () => {
  test("lose every credential they bring, in any spelling", () => {
    const sent = {
      Authorization: "Bearer theirs",
      "X-Api-Key": "theirs",
      "x-goog-api-key": "theirs",
      "Api-Key": "theirs",
      Cookie: "theirs",
      "Proxy-Authorization": "theirs",
      "X-Subscription-Token": "theirs",
      Accept: "application/json",
    };
    const headers = authorize(anthropic, credential("api-key", "test-key-one", [anthropic.origin]), sent);
    expect(headers).toEqual({ accept: "application/json", "anthropic-version": "2023-06-01", "x-api-key": "test-key-one" });
  });

  test.each([
    [undefined, "oauth-2025-04-20"],
    ["tools-2024-04-04", "tools-2024-04-04,oauth-2025-04-20"],
    ["oauth-2025-04-20, a , a", "oauth-2025-04-20,a"],
    [" ,", "oauth-2025-04-20"],
  ])("anthropic-beta %j goes on as %j", (beta, merged) => {
    const sent: Record<string, string> = beta === undefined ? {} : { "Anthropic-Beta": beta };
    const headers = authorize(anthropic, credential("bearer", "test-token", [anthropic.origin]), sent);
    expect(headers["anthropic-beta"]).toBe(merged);
  });

  test("choose the version of the interface themselves", () => {
    const key = credential("api-key", "test-key-one", [anthropic.origin]);
    expect(authorize(anthropic, key, { "anthropic-version": "2099-01-01" })["anthropic-version"]).toBe("2099-01-01");
  });

  test("with an API key keep their anthropic-beta as it is", () => {
    const key = credential("api-key", "test-key-one", [anthropic.origin]);
    expect(authorize(anthropic, key, { "anthropic-beta": "a, b" })["anthropic-beta"]).toBe("a, b");
  });
});

describe("a credential stays at home", () => {
  test.each([
    [[]],
    [["https://api.anthropic.com"]],
    [["http://api.openai.com"]],
    [["https://api.openai.com:8443"]],
    [["https://api.openai.com.evil.example"]],
    [["https://evil.example/https://api.openai.com"]],
  ])("with hosts %j it does not go to api.openai.com, and is not even looked at", (hosts) => {
    const secret = Secret.of("test-key-one");
    const looked = [vi.spyOn(secret, "reveal"), vi.spyOn(secret, "startsWith")];
    const key: Credential = { ...info(hosts), kind: "api-key", secret };
    expect(codeOf(() => authorize(openai, key, {}))).toBe("foreign-host");
    for (const spy of looked) expect(spy).not.toHaveBeenCalled();
  });

  test("a key of Google does not go to OpenAI", () => {
    expect(codeOf(() => authorize(openai, credential("api-key", "AIzatest", [google.origin]), {}))).toBe("foreign-host");
  });

  test.each(["", " ", "test\nkey", "test\u0000key", "tést\u2028", "${OPENAI_API_KEY}"])("%j is not sent, and not told", (value) => {
    const key = credential("api-key", value, [openai.origin]);
    expect(codeOf(() => authorize(openai, key, {}))).toBe("secret-unsendable");
    expect(() => authorize(openai, key, {})).toThrow(/^TEST_API_KEY is blank, an unresolved reference or not fit for a header$/);
  });

  test("AWS credentials are refused by name", () => {
    expect(codeOf(() => authorize(openai, { ...info([openai.origin]), kind: "aws" }, {}))).toBe("unsupported-auth");
    const signed: Endpoint = { ...openai, auth: "aws-sigv4" };
    expect(codeOf(() => authorize(signed, credential("api-key", "test-key-one", [openai.origin]), {}))).toBe("unsupported-auth");
  });
});
