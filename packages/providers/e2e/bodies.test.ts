import OpenAI, { toFile } from "openai";
import type { Plan } from "@openclaw/key-rotation";
import { caught, openaiCompletion, openaiError } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { createProviderClient, createProviderFetch, type PlanRequest } from "../src/index.ts";
import { keyCandidate, planOf, setUp } from "./setup.ts";
import { placeholderKey } from "./sdks.ts";

const openai = { provider: "openai", base: "/v1" };
const limited = { status: 429, body: openaiError("Rate limit reached") };
const replies = { "test-key-one": [limited], "test-key-two": [{ body: openaiCompletion("hi") }] };
const text = JSON.stringify({ model: "test-model", input: "ä" });

function streamOf(...chunks: readonly string[]): ReadableStream<Uint8Array> {
  const left = chunks.map((chunk) => Buffer.from(chunk));
  return new ReadableStream({
    pull(controller) {
      const chunk = left.shift();
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

describe("every kind of body is sent again as it was", () => {
  test.each<[string, () => NonNullable<RequestInit["body"]>, string]>([
    ["text", () => text, "text/plain;charset=UTF-8"],
    ["bytes", () => Buffer.from(text), ""],
    ["an array buffer", () => new Uint8Array(Buffer.from(text)).buffer, ""],
    ["a blob", () => new Blob([text], { type: "application/json" }), "application/json"],
    ["a stream", () => streamOf(text.slice(0, 7), text.slice(7)), ""],
    ["parameters", () => new URLSearchParams({ a: "b c" }), "application/x-www-form-urlencoded;charset=UTF-8"],
  ])("%s", async (_, body, type) => {
    const { provider, fetch, url } = await setUp(openai, { replies });
    const given = body();
    const expected = given instanceof URLSearchParams ? String(given) : text;
    const response = await fetch(`${url}/v1/responses`, { method: "POST", body: given, duplex: "half" });
    expect(response.status).toBe(200);
    expect(provider.hits.map((hit) => hit.body.toString())).toEqual([expected, expected]);
    expect(provider.hits.map(({ headers }) => headers["content-type"] ?? "")).toEqual([type, type]);
  });

  test("a request that is an object", async () => {
    const { provider, fetch, url } = await setUp(openai, { replies });
    const request = new Request(`${url}/v1/responses`, { method: "POST", body: text, headers: { "x-own": "1" } });
    expect((await fetch(request)).status).toBe(200);
    expect(provider.hits.map((hit) => [hit.body.toString(), hit.headers["x-own"]])).toEqual([
      [text, "1"],
      [text, "1"],
    ]);
  });

  test("no body", async () => {
    const { provider, fetch, url } = await setUp(openai, { replies });
    expect((await fetch(`${url}/v1/models`)).status).toBe(200);
    expect(provider.hits.map(({ method, body }) => [method, body.length])).toEqual([
      ["GET", 0],
      ["GET", 0],
    ]);
  });

  test("a form with a file, by the SDK", async () => {
    const { provider, fetch, url } = await setUp(openai, { replies: { ...replies, "test-key-two": [{ body: { text: "hi" } }] } });
    const client = new OpenAI({ apiKey: placeholderKey, baseURL: `${url}/v1`, fetch, maxRetries: 0 });
    const answer = await client.audio.transcriptions.create({ file: await toFile(Buffer.from("sound"), "a.wav"), model: "test-model" });
    expect(answer.text).toBe("hi");
    const [first, second] = provider.hits;
    expect(first?.body.toString()).toContain("sound");
    expect(second?.body).toEqual(first?.body);
    expect(second?.headers["content-type"]).toBe(first?.headers["content-type"]);
  });
});

describe("a body that cannot be sent", () => {
  test("because it is too large: it is not read to its end, and nothing is sent", async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1000));
      },
    });
    const { provider, fetch, url } = await setUp(openai, { maxBodyBytes: 10_000 });
    const error = await caught(fetch(`${url}/v1/responses`, { method: "POST", body: endless, duplex: "half" }));
    expect(error).toMatchObject({ name: "ProviderError", code: "request-too-large" });
    expect(pulled).toBeLessThan(20);
    expect(provider.hits).toEqual([]);
  });

  test("because reading it fails", async () => {
    const reason = new Error("disk gone");
    const broken = new ReadableStream({ pull: (controller) => controller.error(reason) });
    const { provider, fetch, url } = await setUp(openai);
    expect(await caught(fetch(`${url}/v1/responses`, { method: "POST", body: broken, duplex: "half" }))).toBe(reason);
    expect(provider.hits).toEqual([]);
  });

  test("because it was aborted while it was read", async () => {
    const reason = new Error("enough");
    const abort = new AbortController();
    const cancelled = Promise.withResolvers<unknown>();
    const slow = new ReadableStream<Uint8Array>({ cancel: (why) => cancelled.resolve(why) });
    const { provider, fetch, url } = await setUp(openai);
    const asked = caught(fetch(`${url}/v1/responses`, { method: "POST", body: slow, duplex: "half", signal: abort.signal }));
    abort.abort(reason);
    expect(await asked).toBe(reason);
    await cancelled.promise;
    expect(provider.hits).toEqual([]);
  });
});

describe("which model a limit is about", () => {
  const limitedOnce = { "test-key-one": [limited, { body: {}, repeat: true as const }], "test-key-two": { body: {} } };

  test("the model in JSON", async () => {
    const { provider, fetch, url } = await setUp(openai, { replies: limitedOnce });
    for (const body of ['{"model":"a"}', '{"messages":[],"model":"b"}', '{"model":"a"}'])
      await fetch(`${url}/v1/any`, { method: "POST", body });
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two", "test-key-one", "test-key-two"]);
  });

  test("the model in a path of Google", async () => {
    const { provider, fetch, url } = await setUp({ provider: "google", base: "/v1beta" }, { replies: limitedOnce });
    for (const model of ["a", "b", "a"]) await fetch(`${url}/v1beta/models/${model}:generateContent`, { method: "POST", body: "{}" });
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two", "test-key-one", "test-key-two"]);
  });

  test("a plan is asked for with it", async () => {
    const { provider, spec, url } = await setUp(openai, { default: { body: {} } });
    const asked: PlanRequest[] = [];
    const plan = (request: PlanRequest): Plan => {
      asked.push(request);
      return planOf([keyCandidate(`test-key-for-${request.model ?? "any"}`, [provider.origin])]);
    };
    const fetch = createProviderFetch(spec, { plan, baseUrl: `${url}/v1` });
    const form = new FormData();
    form.set("model", "whisper");
    for (const body of ['{"model":"a"}', form, "no json"]) await fetch(`${url}/v1/any`, { method: "POST", body });
    await fetch(`${url}/v1/models`);
    expect(asked).toEqual([{ model: "a" }, { model: "whisper" }, {}, {}]);
    expect(provider.keysSeen()).toEqual(["test-key-for-a", "test-key-for-whisper", "test-key-for-any", "test-key-for-any"]);
  });
});

describe("a client without an SDK", () => {
  test("sends below the base URL and rotates", async () => {
    const { provider, spec, url } = await setUp(openai, { replies });
    const plan = planOf(["test-key-one", "test-key-two"].map((key) => keyCandidate(key, [provider.origin])));
    const client = createProviderClient(spec, { plan, baseUrl: `${url}/v1` });
    const response = await client.send({
      path: "/chat/completions?a=b",
      body: { model: "test-model" },
      headers: { "X-Api-Key": placeholderKey, Host: "evil.test" },
    });
    expect(response.status).toBe(200);
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
    const [hit] = provider.hits;
    expect(hit).toMatchObject({
      method: "POST",
      path: "/v1/chat/completions?a=b",
      headers: { "content-type": "application/json", host: url.slice(7) },
    });
    expect(hit?.headers).not.toHaveProperty("x-api-key");
    expect(hit?.body.toString()).toBe('{"model":"test-model"}');
  });

  test.each<[string, string | Uint8Array]>([
    ["text", "plain"],
    ["bytes", Buffer.from("plain")],
  ])("sends %s as it is", async (_, body) => {
    const { provider, spec, url } = await setUp(openai, { default: { body: {} } });
    const client = createProviderClient(spec, { plan: planOf([keyCandidate("test-key-one", [provider.origin])]), baseUrl: url });
    await client.send({ path: "/x", method: "PUT", body, headers: { "content-type": "text/plain" } });
    expect(provider.hits[0]).toMatchObject({
      method: "PUT",
      path: "/x",
      body: Buffer.from("plain"),
      headers: { "content-type": "text/plain" },
    });
  });

  test("throws when all are cooling down, and names them", async () => {
    const { provider, spec, url } = await setUp(openai, { default: { ...limited, headers: { "retry-after": "20" } } });
    const client = createProviderClient(spec, { plan: planOf([keyCandidate("test-key-one", [provider.origin])]), baseUrl: url });
    expect((await client.send({ path: "/x" })).status).toBe(429);
    expect(await caught(client.send({ path: "/x" }))).toMatchObject({ code: "all-cooling", cooling: [{ id: "test-key-one" }] });
  });
});

test("a provider that refuses with status 200 in the middle of an answer rotates all the same", async () => {
  const refused = { id: "1", choices: null, padding: "x".repeat(200), base_resp: { status_code: 1002, status_msg: "rate limit" } };
  const answer = { id: "2", type: "message", content: [], base_resp: { status_code: 0, status_msg: "" } };
  const { provider, fetch, url } = await setUp(
    { provider: "minimax", base: "/anthropic" },
    { replies: { "test-key-one": [{ body: refused }], "test-key-two": [{ body: answer }] } },
  );
  const response = await fetch(`${url}/anthropic/v1/messages`, { method: "POST", body: text });
  expect(await response.json()).toEqual(answer);
  expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
});
