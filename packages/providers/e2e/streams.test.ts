import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { caught, manualClock, openaiCompletion, openaiError, openaiStream, type Reply, sseEvent } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { createProviderFetch } from "../src/index.ts";
import { keyCandidate, planOf, setUp } from "./setup.ts";
import { sdks } from "./sdks.ts";

describe.each(sdks)("$name", (sdk) => {
  test("a stream that breaks after content is the SDK's error, and nothing is sent again", async () => {
    const stream = sdk.stream(["hello", " there"]).slice(0, sdk.provider === "anthropic" ? 4 : 2);
    const { provider, ...call } = await setUp(sdk, { via: "profile", default: { stream, afterHeaders: "destroy" } });
    const heard: string[] = [];
    const error = await caught(sdk.askStream(call, (text) => heard.push(text)));
    expect(error).toBeInstanceOf(Error);
    expect(heard[0]).toBe("hello");
    expect(provider.keysSeen()).toEqual(["test-key-one"]);
  });

  test("a limit after content is the SDK's error, and nothing is sent again", async () => {
    const content = sdk.stream(["hello", " there"]).slice(0, sdk.provider === "anthropic" ? 4 : 2);
    const { provider, ...call } = await setUp(sdk, { default: { stream: [...content, sdk.limitEvent] } });
    await caught(sdk.askStream(call));
    expect(provider.keysSeen()).toEqual(["test-key-one"]);
  });

  test("a request whose signal is aborted already is not sent", async () => {
    const { provider, ...call } = await setUp(sdk, { default: { body: sdk.answer("hello") } });
    await caught(sdk.ask({ ...call, signal: AbortSignal.abort() }));
    expect(provider.hits).toEqual([]);
  });

  test("abort during an attempt ends it, is nobody's failure, and the next key is not tried", async () => {
    const replies = { "test-key-one": [{ beforeHeaders: "hang" } as const, { body: sdk.answer("hello") }] };
    const { provider, ...call } = await setUp(sdk, { replies, via: "profile" });
    const abort = new AbortController();
    const asked = caught(sdk.ask({ ...call, signal: abort.signal }));
    await provider.waitForHit();
    abort.abort();
    expect(await asked).toBeInstanceOf(Error);
    await provider.waitForAborted();
    expect(await sdk.ask(call)).toBe("hello");
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-one"]);
  });
});

describe("the fetch itself", () => {
  const openai = { provider: "openai", base: "/v1" };
  const ask = { method: "POST", body: JSON.stringify({ model: "test-model", stream: true }) };
  const limitEvent = sseEvent(openaiError("Rate limit reached", "requests", "rate_limit_exceeded"));

  test("rethrows the reason of an abort as it came, whenever it comes", async () => {
    const reason = new Error("enough");
    const hang: Reply = { afterHeaders: "hang" };
    for (const reply of [
      { beforeHeaders: "hang" } as const,
      { ...hang, stream: [": ping\n\n"] },
      { ...hang, status: 429, body: openaiError("x") },
    ]) {
      const { provider, fetch, url } = await setUp(openai, { default: reply });
      const abort = new AbortController();
      const asked = caught(fetch(`${url}/v1/chat/completions`, { ...ask, signal: abort.signal }));
      await provider.waitForHit();
      abort.abort(reason);
      expect(await asked).toBe(reason);
      await provider.waitForAborted();
      expect(provider.hits).toHaveLength(1);
    }
  });

  test("abort within a body that was handed on reaches its reader and the provider", async () => {
    const reason = new Error("enough");
    const { provider, fetch, url } = await setUp(openai, { default: { stream: openaiStream(["one"]).slice(0, 2), afterHeaders: "hang" } });
    const abort = new AbortController();
    const response = await fetch(`${url}/v1/chat/completions`, { ...ask, signal: abort.signal });
    const text = caught(response.text());
    abort.abort(reason);
    expect(await text).toBe(reason);
    await provider.waitForAborted();
  });

  test("a reader that stops lets the provider go", async () => {
    const { provider, fetch, url } = await setUp(openai, { default: { stream: openaiStream(["one"]).slice(0, 2), afterHeaders: "hang" } });
    const response = await fetch(`${url}/v1/chat/completions`, ask);
    await response.body?.cancel();
    await provider.waitForAborted();
    expect(provider.abortedRequests()).toBe(1);
  });

  test("a body that nobody reads is let go when it is forgotten", async () => {
    const { provider, fetch, url } = await setUp(openai, { default: { stream: openaiStream(["one"]).slice(0, 2), afterHeaders: "hang" } });
    expect((await fetch(`${url}/v1/chat/completions`, ask)).status).toBe(200);
    setFlagsFromString("--expose-gc");
    const collect: unknown = runInNewContext("gc");
    if (typeof collect !== "function") throw new Error("no gc");
    for (let round = 0; round < 1000 && provider.abortedRequests() === 0; round += 1) {
      collect();
      await setImmediate();
    }
    expect(provider.abortedRequests()).toBe(1);
  });

  test("a limit after content counts for the next request", async () => {
    const { provider, fetch, url } = await setUp(openai, {
      replies: {
        "test-key-one": [{ stream: [...openaiStream(["one"]).slice(0, 2), limitEvent] }],
        "test-key-two": [{ stream: openaiStream(["two"]) }],
      },
    });
    for (const word of ["one", "two"]) expect(await (await fetch(`${url}/v1/chat/completions`, ask)).text()).toContain(word);
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
  });

  test("a limit that is nearly used up sends the next request elsewhere", async () => {
    const headers = { "x-ratelimit-limit-requests": "100", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "60s" };
    const { provider, fetch, url } = await setUp(openai, {
      replies: { "test-key-one": [{ headers, body: openaiCompletion("one") }], "test-key-two": [{ body: openaiCompletion("two") }] },
    });
    for (const word of ["one", "two"]) expect(await (await fetch(`${url}/v1/chat/completions`, ask)).text()).toContain(word);
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
  });

  test("a credential is in use until its stream is over", async () => {
    const { provider, spec, url } = await setUp(openai, { default: { stream: openaiStream(["one"]) } });
    const candidates = ["test-key-one", "test-key-two"].map((key) => ({ ...keyCandidate(key, [provider.origin]), maxConcurrent: 1 }));
    const fetch = createProviderFetch(spec, { plan: planOf(candidates), baseUrl: `${url}/v1` });
    const send = () => fetch(`${url}/v1/chat/completions`, ask);
    const first = await send();
    await (await send()).text();
    await first.text();
    await (await send()).text();
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two", "test-key-one"]);
  });

  test("an answer that is not handed on is let go, so that it holds no connection", async () => {
    const { provider, fetch, url } = await setUp(openai, {
      replies: {
        "test-key-one": [{ stream: [limitEvent], afterHeaders: "hang" }],
        "test-key-two": [{ stream: openaiStream(["hello"]) }],
      },
    });
    expect(await (await fetch(`${url}/v1/chat/completions`, ask)).text()).toBe(openaiStream(["hello"]).join(""));
    await provider.waitForAborted();
  });

  test("a stream without content is handed on after ten seconds", async () => {
    const clock = manualClock();
    const { provider, fetch, url } = await setUp(openai, { clock, default: { stream: [": ping\n\n"], afterHeaders: "hang" } });
    const asked = fetch(`${url}/v1/chat/completions`, ask);
    await provider.waitForHit();
    await clock.waitForSleepers();
    clock.advance(10_000);
    const response = await asked;
    const { value } = (await response.body?.getReader().read()) ?? {};
    expect(Buffer.from(value ?? []).toString()).toBe(": ping\n\n");
  });

  test("a stream of more than 64 KiB without content is handed on, complete", async () => {
    const stream = [...Array.from({ length: 200 }, () => `: ${"x".repeat(1022)}\n\n`), limitEvent];
    const { provider, fetch, url } = await setUp(openai, { default: { stream } });
    expect(await (await fetch(`${url}/v1/chat/completions`, ask)).text()).toBe(stream.join(""));
    expect(provider.hits).toHaveLength(1);
  });

  test("a stream that breaks before its first event is a broken connection, and no key's failure", async () => {
    const { provider, fetch, url } = await setUp(openai, { via: "profile", default: { stream: [": ping\n\n"], afterHeaders: "destroy" } });
    expect(await caught(fetch(`${url}/v1/chat/completions`, ask))).toBeInstanceOf(TypeError);
    expect(provider.keysSeen()).toEqual(["test-key-one"]);
  });

  test("an error whose body breaks off is judged by its status", async () => {
    const { provider, fetch, url } = await setUp(openai, {
      replies: {
        "test-key-one": [{ status: 429, body: openaiError("x"), afterHeaders: "destroy" }],
        "test-key-two": [{ body: openaiCompletion("hi") }],
      },
    });
    expect((await fetch(`${url}/v1/chat/completions`, ask)).status).toBe(200);
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
  });

  test("a status that no Response takes is an error all the same", async () => {
    const { provider, fetch, url } = await setUp(openai, { default: { status: 999, body: openaiError("Request denied") } });
    const response = await fetch(`${url}/v1/chat/completions`, ask);
    expect([response.ok, response.status]).toEqual([false, 599]);
    expect(await response.json()).toEqual(openaiError("Request denied"));
    expect(provider.hits).toHaveLength(1);
  });

  test("an error object with status 200 counts as what it says", async () => {
    const body = { error: { message: "Rate limit exceeded", code: 429 } };
    const { provider, fetch, url } = await setUp(openai, {
      replies: { "test-key-one": [{ body }], "test-key-two": [{ body: openaiCompletion("hi") }] },
    });
    expect(await (await fetch(`${url}/v1/chat/completions`, ask)).json()).toEqual(openaiCompletion("hi"));
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two"]);
  });

  test.each(["error: rate limit 429", '{"error":{"code":429,"message":"rate limit"}}'])(
    "what a model says is no error: %s",
    async (text) => {
      const { provider, fetch, url } = await setUp(openai, {
        replies: { "test-key-one": [{ body: openaiCompletion(text) }, { stream: openaiStream([text]) }] },
      });
      expect(await (await fetch(`${url}/v1/chat/completions`, ask)).json()).toEqual(openaiCompletion(text));
      expect(await (await fetch(`${url}/v1/chat/completions`, ask)).text()).toBe(openaiStream([text]).join(""));
      expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-one"]);
    },
  );

  test("waits for a recovery as long as it may", async () => {
    const clock = manualClock();
    const limited: Reply = { status: 429, headers: { "retry-after": "5" }, body: openaiError("x") };
    const { provider, fetch, url } = await setUp(openai, {
      clock,
      keys: ["test-key-one"],
      maxWaitMs: 5000,
      replies: { "test-key-one": [limited, { body: openaiCompletion("hi") }] },
    });
    expect((await fetch(`${url}/v1/chat/completions`, ask)).status).toBe(429);
    const asked = fetch(`${url}/v1/chat/completions`, ask);
    await clock.waitForSleepers();
    clock.advance(5000);
    expect((await asked).status).toBe(200);
    expect(provider.hits).toHaveLength(2);
  });
});
