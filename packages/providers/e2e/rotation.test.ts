import { caught, manualClock, type Reply } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { createProviderFetch } from "../src/index.ts";
import { keyCandidate, planOf, setUp } from "./setup.ts";
import { placeholderKey, sdks } from "./sdks.ts";

const bothKeys = ["test-key-one", "test-key-two"];

describe.each(sdks)("$name", (sdk) => {
  const answer: Reply = { body: sdk.answer("hello") };
  const stream: Reply = { stream: sdk.stream(["hello", " there"]) };
  const failing = (status: number, message = "the provider says so"): Reply => ({ status, body: sdk.error(status, message) });

  test("k1 429, k2 200: one success, each key once", async () => {
    const { provider, ...call } = await setUp(sdk, { replies: { "test-key-one": [failing(429)], "test-key-two": [answer] } });
    expect(await sdk.ask(call)).toBe("hello");
    expect(provider.keysSeen()).toEqual(bothKeys);
    expect(provider.hits[0]?.body).toEqual(provider.hits[1]?.body);
  });

  test("k1 429, k2 200, as a stream", async () => {
    const { provider, ...call } = await setUp(sdk, { replies: { "test-key-one": [failing(429)], "test-key-two": [stream] } });
    expect(await sdk.askStream(call)).toBe("hello there");
    expect(provider.keysSeen()).toEqual(bothKeys);
  });

  test("a soft limit as the first event of a stream rotates", async () => {
    const limited: Reply = { stream: [": keep-alive\n\n", sdk.limitEvent] };
    const { provider, ...call } = await setUp(sdk, { replies: { "test-key-one": [limited], "test-key-two": [stream] } });
    expect(await sdk.askStream(call)).toBe("hello there");
    expect(provider.keysSeen()).toEqual(bothKeys);
  });

  test("a Retry-After of five hours rotates at once", async () => {
    const limited: Reply = { ...failing(429), headers: { "retry-after": "18000" } };
    const { provider, ...call } = await setUp(sdk, { replies: { "test-key-one": [limited], "test-key-two": [answer] } });
    expect(await sdk.ask({ ...call, maxRetries: 2 })).toBe("hello");
    expect(provider.keysSeen()).toEqual(bothKeys);
  });

  test("a key in its window receives nothing until it ends", async () => {
    const clock = manualClock();
    const limited: Reply = { ...failing(429), headers: { "retry-after": "20" } };
    const { provider, ...call } = await setUp(sdk, {
      clock,
      replies: { "test-key-one": [limited, { ...answer, repeat: true }], "test-key-two": answer },
    });
    for (const waitMs of [0, 19_999, 1]) {
      clock.advance(waitMs);
      expect(await sdk.ask(call)).toBe("hello");
    }
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two", "test-key-two", "test-key-one"]);
  });

  test("a session keeps the key that answered it, also when one before it recovers", async () => {
    const clock = manualClock();
    const { provider, ...call } = await setUp(sdk, {
      clock,
      session: "a conversation",
      replies: { "test-key-one": [failing(429)], "test-key-two": { ...answer, repeat: true } },
    });
    for (const waitMs of [0, 3_600_000]) {
      clock.advance(waitMs);
      expect(await sdk.ask(call)).toBe("hello");
    }
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two", "test-key-two"]);
  });

  test.each([401, 400, 500])("a %d from a bare key is one hit and the SDK's own error", async (status) => {
    const { provider, ...call } = await setUp(sdk, { replies: { "test-key-one": [failing(status)] } });
    const error = await caught(sdk.ask(call));
    expect(error).toBeInstanceOf(sdk.errorClass(status));
    expect(String(error)).toContain("the provider says so");
    expect(provider.keysSeen()).toEqual(["test-key-one"]);
  });

  test.each([401, 402, 403, 429, 529])("a %d from profiles tries each of them once", async (status) => {
    const { provider, ...call } = await setUp(sdk, { via: "profile", default: failing(status) });
    const error = await caught(sdk.ask(call));
    expect(String(error)).toContain("the provider says so");
    expect(provider.keysSeen()).toEqual(bothKeys);
  });

  test.each([400, 408, 500])("a %d from a profile is one hit", async (status) => {
    const { provider, ...call } = await setUp(sdk, { via: "profile", default: failing(status) });
    await caught(sdk.ask(call));
    expect(provider.keysSeen()).toEqual(["test-key-one"]);
  });

  test("a profile that can be renewed is tried once more with its fresh secret", async () => {
    const { provider, spec, url } = await setUp(sdk, { replies: { "test-key-one": [failing(401)], "test-key-fresh": [answer] } });
    const plan = planOf([keyCandidate("test-key-one", [provider.origin], { via: "profile", renewed: "test-key-fresh" })]);
    expect(await sdk.ask({ url, fetch: createProviderFetch(spec, { plan, baseUrl: url + sdk.base }) })).toBe("hello");
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-fresh"]);
  });

  test("the last provider's answer comes back with the time of the first recovery", async () => {
    const clock = manualClock();
    const limited = (seconds: string): Reply => ({
      ...failing(429),
      headers: { "retry-after": "1", "retry-after-ms": `${seconds}000` },
    });
    const { provider, ...call } = await setUp(sdk, {
      clock,
      replies: { "test-key-one": [limited("20")], "test-key-two": [limited("300")] },
    });
    const error = await caught(sdk.ask(call));
    expect(error).toBeInstanceOf(sdk.errorClass(429));
    expect(String(error)).toContain("the provider says so");
    expect(sdk.headerOf(error, "retry-after")).toBe(sdk.provider === "google" ? undefined : "20");
    expect(sdk.headerOf(error, "retry-after-ms")).toBeUndefined();
    expect(provider.keysSeen()).toEqual(bothKeys);
  });

  // The AI SDK sleeps as it likes before it tries again.
  test.each(sdk.name.startsWith("ai ") ? [0] : [0, 2])(
    "all cooling, %d retries of the SDK: its own rate-limit error, at once",
    async (maxRetries) => {
      const limited: Reply = { ...failing(429), headers: { "retry-after": "18000" } };
      const { provider, ...call } = await setUp(sdk, { default: limited, clock: manualClock() });
      await caught(sdk.ask(call));
      expect(provider.hits).toHaveLength(2);
      const error = await caught(sdk.ask({ ...call, maxRetries }));
      expect(error).toBeInstanceOf(sdk.errorClass(429));
      expect(String(error)).toContain("cooling down: credential 1 for 3600 s");
      expect(String(error)).not.toContain("test-key");
      expect(sdk.headerOf(error, "retry-after")).toBe(sdk.provider === "google" ? undefined : "3600");
      expect(provider.hits).toHaveLength(2);
    },
  );

  test("the SDK's placeholder reaches no provider", async () => {
    const { provider, ...call } = await setUp(sdk, { default: answer, via: "profile" });
    await sdk.ask(call);
    await sdk.askStream(call).catch(() => undefined);
    expect(provider.hits.length).toBeGreaterThan(1);
    for (const { headers, path, body } of provider.hits)
      expect(JSON.stringify([headers, path, body.toString()])).not.toContain(placeholderKey);
  });

  test("a broken connection is no failure of the key", async () => {
    const { provider, ...call } = await setUp(sdk, { replies: { "test-key-one": { beforeHeaders: "destroy" } } });
    for (const count of [1, 2]) {
      await caught(sdk.ask(call));
      expect(provider.keysSeen()).toEqual(Array.from({ length: count }, () => "test-key-one"));
    }
  });
});
