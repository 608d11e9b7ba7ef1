import { createServer } from "node:http";
import OpenAI from "openai";
import { caught, openaiCompletion, startFakeProvider } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { keyCandidate, planOf, setUp } from "./setup.ts";
import { createProviderFetch, findProvider } from "../src/index.ts";
import { placeholderKey, sdks } from "./sdks.ts";

const openai = { provider: "openai", base: "/v1" };

async function foreignProvider() {
  const other = await startFakeProvider({ default: { body: openaiCompletion("stolen") } });
  onTestFinished(() => other.close());
  return other;
}

/** The error that this package threw, whatever an SDK wrapped around it. */
function own(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && !(error instanceof Error && error.name === "ProviderError") ? own(cause) : error;
}

describe.each(sdks)("$name", (sdk) => {
  test("pointed at another host: nothing is sent anywhere", async () => {
    const other = await foreignProvider();
    const { provider, fetch } = await setUp(sdk, { default: { body: sdk.answer("hello") } });
    for (const url of [other.url, provider.url.replace("127.0.0.1", "localhost"), provider.url.replace("http:", "https:")]) {
      expect(own(await caught(sdk.ask({ fetch, url })))).toMatchObject({ name: "ProviderError", code: "foreign-host" });
    }
    expect([other.hits, provider.hits]).toEqual([[], []]);
  });

  test.each([301, 302, 303, 307, 308])("T3: a redirect with status %d is refused, and its target sees no request", async (status) => {
    const other = await foreignProvider();
    const events: unknown[] = [];
    const { provider, ...call } = await setUp(sdk, {
      via: "profile",
      onEvent: (event) => events.push(event),
      default: { status, headers: { location: `${other.url}/v1/chat/completions` } },
    });
    expect(own(await caught(sdk.ask(call)))).toMatchObject({ name: "ProviderError", code: "redirect-refused" });
    expect(other.hits).toEqual([]);
    expect(provider.hits).toHaveLength(1);
    expect(events).toEqual([]);
  });
});

describe("T1: where a request may go", () => {
  test.each([
    ["https://api.openai.com.evil.test/v1/models"],
    ["https://evil.test/?q=api.openai.com"],
    ["https://api.openai.com@evil.test/v1/models"],
    ["https://evil.test\\@api.openai.com/v1/models"],
    ["https://user:pass@api.openai.com/v1/models"],
    ["http://api.openai.com/v1/models"],
    ["https://api.openai.com:444/v1/models"],
    ["https://api.openai.com./v1/models"],
    ["//evil.test/v1"],
    ["v1/models"],
    ["data:text/plain,x"],
  ])("not to %s", async (url) => {
    const spec = findProvider("openai");
    if (!spec) throw new Error("no openai");
    let calls = 0;
    const inner = () => {
      calls += 1;
      return Promise.resolve(new Response());
    };
    const fetch = createProviderFetch(spec, { plan: planOf([keyCandidate("test-key-one", ["https://api.openai.com"])]), fetch: inner });
    const error = await caught(fetch(url));
    expect(error).toMatchObject({ code: "foreign-host" });
    expect(String(error)).not.toContain("evil");
    expect(calls).toBe(0);
  });

  test("a credential for another host is not revealed", async () => {
    const { provider, spec, url } = await setUp(openai);
    const fetch = createProviderFetch(spec, {
      plan: planOf([keyCandidate("test-key-one", ["https://api.openai.com"])]),
      baseUrl: `${url}/v1`,
    });
    expect(await caught(fetch(`${url}/v1/models`))).toMatchObject({ code: "foreign-host" });
    expect(provider.hits).toEqual([]);
  });

  test("a base URL that credentials may not go to is refused when the fetch is made", () => {
    const spec = findProvider("openai");
    const azure = findProvider("microsoft-foundry");
    if (!spec || !azure) throw new Error("no openai");
    const plan = planOf([]);
    expect(() => createProviderFetch(spec, { plan, baseUrl: "http://llm.example/v1" })).toThrow("http goes to this machine only");
    expect(() => createProviderFetch(spec, { plan, baseUrl: "http://169.254.169.254/v1", isLocal: true })).toThrow("metadata");
    expect(() => createProviderFetch(azure, { plan })).toThrow("no base URL");
    expect(() => createProviderFetch(spec, { plan, baseUrl: "http://10.0.0.7:8080/v1", isLocal: true })).not.toThrow();
  });
});

describe("what a request takes along", () => {
  test("no credential, no other host and nothing of the connection but ours", async () => {
    const { provider, fetch, url } = await setUp(openai, { default: { body: {} } });
    const headers = {
      authorization: `Bearer ${placeholderKey}`,
      "x-api-key": placeholderKey,
      "x-goog-api-key": placeholderKey,
      "api-key": placeholderKey,
      "proxy-authorization": placeholderKey,
      cookie: `session=${placeholderKey}`,
      connection: "x-hop, close",
      host: "evil.test",
      "x-hop": placeholderKey,
      "openai-organization": "org-1",
    };
    await fetch(`${url}/v1/responses?include=a&key=b%20c`, { method: "POST", headers, body: '{ "model" : "m" }' });
    const [hit] = provider.hits;
    expect(JSON.stringify(hit)).not.toContain(placeholderKey);
    expect(hit).toMatchObject({ method: "POST", key: "test-key-one", path: "/v1/responses?include=a&key=b%20c" });
    expect(hit?.headers).toMatchObject({
      host: url.slice("http://".length),
      authorization: "Bearer test-key-one",
      "openai-organization": "org-1",
    });
    expect(hit?.body.toString()).toBe('{ "model" : "m" }');
  });

  test("T23: no key in the query of a Google request", async () => {
    const { provider, fetch, url } = await setUp({ provider: "google", base: "/v1beta" }, { default: { body: {} } });
    await fetch(`${url}/v1beta/models/m:generateContent?key=${placeholderKey}&alt=sse&%6Bey=${placeholderKey}&access_token=x&q=a+b`, {
      method: "POST",
      body: "{}",
    });
    expect(provider.hits[0]?.path).toBe("/v1beta/models/m:generateContent?alt=sse&q=a+b");
    expect(provider.hits[0]?.headers["x-goog-api-key"]).toBe("test-key-one");
  });

  test("without a credential the reason stands behind the SDK's own error", async () => {
    const { provider, url, fetch } = await setUp(openai, { keys: [] });
    const client = new OpenAI({ apiKey: placeholderKey, baseURL: `${url}/v1`, fetch, maxRetries: 0 });
    const error = await caught(client.models.list());
    expect(error).toBeInstanceOf(OpenAI.APIConnectionError);
    expect(own(error)).toMatchObject({ name: "RotationError", code: "no-credentials" });
    expect(provider.hits).toEqual([]);
  });
});

test("a redirect is refused also when its body never ends", async () => {
  const server = createServer((_request, response) => {
    response.writeHead(302, { location: "/elsewhere" });
    response.write("x");
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const spec = findProvider("openai");
  if (!spec) throw new Error("no openai");
  const fetch = createProviderFetch(spec, { plan: planOf([keyCandidate("test-key-one", [origin])]), baseUrl: origin });
  expect(await caught(fetch(`${origin}/v1/models`))).toMatchObject({ code: "redirect-refused" });
});
