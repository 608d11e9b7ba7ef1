import { type Reply } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { surfaceSamples, type SurfaceSample } from "./surface-samples.ts";
import { testGateways } from "./test-gateway.ts";

const start = testGateways();
const env = { TEST_API_KEYS: "test-key-one test-key-two" };

interface Way {
  readonly path: string;
  readonly providerPath: string;
  readonly body: object;
  readonly reply: Reply;
  readonly text: string;
}

/** As JSON, and as a stream where there is one. */
function waysOf(sample: SurfaceSample): readonly (readonly [string, Way])[] {
  const { path, providerPath, ask, answer, stream, streamPath = path, streamProviderPath = providerPath } = sample;
  const json = { path, providerPath, body: ask, reply: { body: answer }, text: JSON.stringify(answer) };
  if (!stream) return [["JSON", json]];
  const body = streamPath === path ? { ...ask, stream: true } : ask;
  return [
    ["JSON", json],
    ["a stream", { path: streamPath, providerPath: streamProviderPath, body, reply: { stream }, text: stream.join("") }],
  ];
}

describe.each(Object.entries(surfaceSamples))("%s", (_name, sample) => {
  const config = { models: { providers: { test: sample.provider } } };
  const ways = waysOf(sample);

  test.each(ways)(
    "the first key limited, the second well: each is asked once (%s)",
    async (_way, { path, providerPath, body, reply, text }) => {
      const replies = { "test-key-one": [{ status: 429, body: sample.limit }], "test-key-two": [reply] };
      const { post, provider } = await start({ env, config, replies });
      const response = await post(path, body);
      expect([response.status, await response.text()]).toEqual([200, text]);
      expect(provider.hits.map((hit) => [hit.key, hit.path])).toEqual([
        ["test-key-one", providerPath],
        ["test-key-two", providerPath],
      ]);
      expect(response.headers.get("x-openclaw-attempts")).toBe("2");
    },
  );

  test.each(ways)("a limit of five hours moves on at once (%s)", async (_way, { path, body, reply, text }) => {
    const limited = { status: 429, body: sample.limit, headers: { "retry-after": "18000" } };
    const { post, provider } = await start({ env, config, replies: { "test-key-one": [limited], "test-key-two": [reply] } });
    expect(await (await post(path, body)).text()).toBe(text);
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
  });

  test.each(ways)("an error that says nothing of the key comes back as it came, and moves nothing (%s)", async (_way, { path, body }) => {
    const error = '{ "error" : {"message":"m\\u00fcssen","type":"invalid_request_error", "code":null,"status":"INVALID_ARGUMENT"} }\n';
    const headers = { "content-type": "application/json; charset=utf-8", "x-request-id": "req_test" };
    const { post, provider } = await start({ env, config, replies: { "test-key-one": [{ status: 400, body: error, headers }] } });
    const response = await post(path, body);
    expect([response.status, await response.text()]).toEqual([400, error]);
    expect([response.headers.get("content-type"), response.headers.get("x-request-id")]).toEqual(Object.values(headers));
    expect(provider.keysSeen()).toEqual(["test-key-one"]);
  });

  test("a limit everywhere comes back as the provider told it, with the time at which there is a key again", async () => {
    const limited = { status: 429, body: sample.limit, headers: { "retry-after": "40" } };
    const { post, provider } = await start({ env, config, default: limited });
    const response = await post(sample.path, sample.ask);
    expect([response.status, await response.json(), response.headers.get("retry-after")]).toEqual([429, sample.limit, "40"]);
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
    expect((await post(sample.path, sample.ask)).status).toBe(429);
    expect(provider.hits).toHaveLength(2);
  });
});

const streaming = Object.entries(surfaceSamples).flatMap(([name, { stream, streamedLimit, ...sample }]) =>
  stream && streamedLimit ? [[name, { ...sample, stream, streamedLimit }] as const] : [],
);

test.each(streaming)("a limit behind the beginning of a stream moves on too: %s", async (_name, sample) => {
  const { path, streamPath = path, ask, provider, stream, streamedLimit } = sample;
  const gateway = await start({
    env,
    config: { models: { providers: { test: provider } } },
    replies: { "test-key-one": [{ stream: streamedLimit }], "test-key-two": [{ stream }] },
  });
  const response = await gateway.post(streamPath, { ...ask, ...("model" in ask && { stream: true }) });
  expect([response.status, await response.text()]).toEqual([200, stream.join("")]);
  expect(gateway.provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
});

test("a limit of counting says nothing of answers", async () => {
  const { provider, limit } = surfaceSamples["Messages"] ?? {};
  const { post, ...gateway } = await start({
    env: { TEST_API_KEY: "test-key-one" },
    config: { models: { providers: { test: provider } } },
    replies: {
      "test-key-one": [{ status: 429, body: limit ?? {}, headers: { "retry-after": "60" } }, { body: { content: [] } }],
    },
  });
  const ask = { model: "test/m", messages: [] };
  expect((await post("/v1/messages/count_tokens", ask)).status).toBe(429);
  expect((await post("/v1/messages/count_tokens", ask)).status).toBe(429);
  expect(gateway.provider.hits).toHaveLength(1);
  expect((await post("/v1/messages", ask)).status).toBe(200);
});

describe("what is asked of one model alone", () => {
  test.each(Object.entries(surfaceSamples))("%s", async (name, { path, ask, provider, limit }) => {
    const isConversation = ["Chat Completions", "Responses", "Messages", "Gemini"].includes(name);
    const gateway = await start({
      env: { TEST_API_KEY: "test-key-one" },
      config: {
        agents: { defaults: { model: { primary: "test/m", fallbacks: ["test/other"] } } },
        models: { providers: { test: provider } },
      },
      default: { status: 429, body: limit },
    });
    expect((await gateway.post(path, ask)).status).toBe(429);
    expect(gateway.provider.hits).toHaveLength(isConversation ? 2 : 1);
  });
});
