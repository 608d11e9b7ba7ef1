import { afterEach, describe, expect, test } from "vitest";
import { startFakeProvider, type FakeProvider, type FakeProviderScript } from "./fake-provider.ts";
import type { Reply } from "./fake-reply.ts";
import { openaiStream } from "./sse.ts";

const started: FakeProvider[] = [];

async function start(script?: FakeProviderScript): Promise<FakeProvider> {
  const provider = await startFakeProvider(script);
  started.push(provider);
  return provider;
}

afterEach(async () => {
  for (const provider of started.splice(0)) await provider.close();
});

const ask = (provider: FakeProvider, key: string, init: RequestInit = {}) =>
  fetch(`${provider.url}/v1/chat/completions?beta=1`, { method: "POST", ...init, headers: { authorization: `Bearer ${key}` } });

describe("answers per key", () => {
  test.each(["x-api-key", "x-goog-api-key", "api-key"])("reads the key from %s", async (header) => {
    const provider = await start({ replies: { "test-key-one": { body: { ok: true } } } });
    const response = await fetch(provider.url, { headers: { [header]: "test-key-one" } });
    expect(await response.json()).toEqual({ ok: true });
    expect(provider.keysSeen()).toEqual(["test-key-one"]);
  });

  test("gives a list in order, one reply per request", async () => {
    const provider = await start({
      replies: { one: [{ status: 429, headers: { "retry-after": "7" } }, { status: 200 }], two: { status: 503 } },
    });
    const first = await ask(provider, "one");
    expect([first.status, first.headers.get("retry-after")]).toEqual([429, "7"]);
    expect((await ask(provider, "two")).status).toBe(503);
    expect((await ask(provider, "one")).status).toBe(200);
    expect(provider.keysSeen()).toEqual(["one", "two", "one"]);
  });

  test("answers 501 beyond the end of a list and says so", async () => {
    const provider = await start({ replies: { one: [{ status: 200 }] } });
    await ask(provider, "one");
    expect((await ask(provider, "one")).status).toBe(501);
    expect(provider.unexpected().map((hit) => hit.at)).toEqual([1]);
  });

  test("repeats the last of a list that says so, and a single reply always", async () => {
    const provider = await start({ replies: { one: [{ status: 429 }, { status: 200, repeat: true }], two: { status: 204 } } });
    const statuses = [];
    for (const key of ["one", "one", "one", "two", "two"]) statuses.push((await ask(provider, key)).status);
    expect(statuses).toEqual([429, 200, 200, 204, 204]);
    expect(provider.unexpected()).toEqual([]);
  });

  test("refuses an unknown key as OpenAI does", async () => {
    const response = await ask(await start(), "unknown");
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_api_key" } });
  });

  test("gives the default to keys without a script", async () => {
    const provider = await start({ replies: { one: { status: 429 } }, default: { status: 202 } });
    expect((await ask(provider, "two")).status).toBe(202);
    expect((await fetch(provider.url)).status).toBe(202);
    expect(provider.keysSeen()).toEqual(["two", ""]);
  });

  test("takes new replies for a key while it runs", async () => {
    const provider = await start({ replies: { one: { status: 402 } } });
    expect((await ask(provider, "one")).status).toBe(402);
    provider.setReplies("one", { status: 200 });
    expect((await ask(provider, "one")).status).toBe(200);
  });

  test("names the replies nobody asked for", async () => {
    const provider = await start({ replies: { one: [{ status: 429 }, { status: 200 }], two: { status: 200 } } });
    await ask(provider, "one");
    expect(provider.unusedReplies()).toEqual(["one[1]", "two"]);
  });
});

test("remembers each request as it arrived", async () => {
  const provider = await start({ default: { body: "fine" } });
  const waiting = provider.waitForHit();
  await ask(provider, "one", { body: '{"model":"m"}' });
  expect(await waiting).toMatchObject({ key: "one", method: "POST", path: "/v1/chat/completions?beta=1", at: 0 });
  expect((await provider.waitForHit(1)).body.toString()).toBe('{"model":"m"}');
  expect(provider.hits[0]?.headers.authorization).toBe("Bearer one");
});

test("streams chunks as server-sent events, one write each", async () => {
  const provider = await start({ default: { stream: openaiStream(["a", "b"]), chunkDelayMs: 1 } });
  const response = await ask(provider, "one");
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(await response.text()).toBe(openaiStream(["a", "b"]).join(""));
});

test("answers out of order when a reply waits for another", async () => {
  const gate = Promise.withResolvers<void>();
  const provider = await start({ replies: { slow: { status: 200, after: gate.promise }, fast: { status: 204 } } });
  const order: string[] = [];
  const slow = ask(provider, "slow").then(() => order.push("slow"));
  await provider.waitForHit();
  await ask(provider, "fast").then(() => order.push("fast"));
  gate.resolve();
  await slow;
  expect(order).toEqual(["fast", "slow"]);
});

describe("breaks where it is told to", () => {
  test("before the headers", async () => {
    const provider = await start({ default: { beforeHeaders: "destroy" } });
    await expect(ask(provider, "one")).rejects.toThrow("fetch failed");
    expect(provider.abortedRequests()).toBe(0);
  });

  test.each<Reply>([
    { afterHeaders: "destroy" },
    { afterHeaders: "destroy", body: "half" },
    { afterHeaders: "destroy", stream: openaiStream(["a"]).slice(0, 2) },
  ])("after the headers and what was written: %o", async (reply) => {
    const provider = await start({ default: reply });
    const response = await ask(provider, "one");
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    let text = "";
    await expect(
      (async () => {
        for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) text += Buffer.from(part.value).toString();
      })(),
    ).rejects.toThrow("terminated");
    expect(text).toBe(reply.stream?.join("") ?? reply.body ?? "");
    expect(provider.abortedRequests()).toBe(0);
  });
});

describe("notices that the client went away", () => {
  test.each<Reply>([{ beforeHeaders: "hang" }, { after: new Promise(() => undefined) }])("before the headers: %o", async (reply) => {
    const provider = await start({ default: reply });
    const controller = new AbortController();
    const asked = ask(provider, "one", { signal: controller.signal });
    await provider.waitForHit();
    controller.abort();
    await expect(asked).rejects.toThrow("aborted");
    await provider.waitForAborted();
    expect(provider.abortedRequests()).toBe(1);
  });

  test("in the middle of a stream", async () => {
    const provider = await start({ default: { stream: ["data: 1\n\n"], afterHeaders: "hang" } });
    const controller = new AbortController();
    const response = await ask(provider, "one", { signal: controller.signal });
    await response.body?.getReader().read();
    controller.abort();
    await provider.waitForAborted();
    expect(provider.abortedRequests()).toBe(1);
  });

  test("and does not mistake a finished answer for it", async () => {
    const provider = await start({ default: { body: "done" } });
    await (await ask(provider, "one")).text();
    await provider.close();
    expect(provider.abortedRequests()).toBe(0);
  });
});

test("closing cuts every connection and rejects who still waits", async () => {
  const provider = await start({ default: { beforeHeaders: "hang" } });
  const asked = ask(provider, "one");
  await provider.waitForHit();
  expect([provider.openConnections(), provider.acceptedConnections()]).toEqual([1, 1]);
  const [refused, waiting] = await Promise.allSettled([asked, provider.waitForHit(2), provider.close()]);
  expect(refused).toMatchObject({ status: "rejected", reason: { message: "fetch failed" } });
  expect(waiting).toMatchObject({ status: "rejected", reason: { message: "the fake provider was closed" } });
  expect([provider.openConnections(), provider.abortedRequests()]).toEqual([0, 0]);
});
