import { Secret, type Credential } from "@openclaw/secrets";
import { expect, test } from "vitest";
import { authorize, classifyFailure, endpointFor, findProvider, parseBaseUrl } from "./index.ts";

test("the example of the README", () => {
  const spec = findProvider("openai");
  const endpoint = spec && endpointFor(spec, "openai-completions", parseBaseUrl("https://api.openai.com/v1"));
  if (!endpoint) throw new Error("this provider does not speak that dialect");

  const credential: Credential = {
    id: "mine",
    provider: "openai",
    origin: "OPENAI_API_KEY",
    billing: "metered",
    generation: 0,
    hosts: ["https://api.openai.com"],
    kind: "api-key",
    secret: Secret.of("test-key-one"),
  };
  const headers = authorize(endpoint, credential, { "content-type": "application/json" });

  const failure = classifyFailure({ status: 429, header: (name) => ({ "retry-after": "20" })[name] }, spec, 0);
  expect(endpoint.url.href).toBe("https://api.openai.com/v1/chat/completions");
  expect(headers).toEqual({ "content-type": "application/json", authorization: "Bearer test-key-one" });
  expect(failure).toEqual({ class: "rate_limit", scope: "model", rule: "status-429", status: 429, retryAt: 20_000 });
});
