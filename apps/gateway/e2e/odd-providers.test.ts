import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { openaiError, openaiStream, sseEvent } from "@openclaw/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { testGateways } from "./test-gateway.ts";

const start = testGateways();
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const limited = JSON.stringify(openaiError("Rate limit reached", "requests", "rate_limit_exceeded"));
const ok = '{"object":"chat.completion"}';
const wholeAnswer = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${ok.length}\r\n\r\n${ok}`;

/** A gateway with two keys, in front of a provider that writes raw bytes: `first` to the first key, a whole answer to the other. */
async function behindRaw(first: (socket: Socket) => void, config: object = {}) {
  const keys: string[] = [];
  const server = createServer((socket) => {
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/iu.exec(text)?.[1] ?? 0);
      if (end < 0 || text.length < end + 4 + length) return;
      const key = /authorization: Bearer (\S+)/iu.exec(text)?.[1] ?? "";
      text = "";
      keys.push(key);
      if (key === "test-key-one") first(socket);
      else socket.write(wholeAnswer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stops.push(() => server.close());
  const address = server.address();
  const baseUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const gateway = await start({
    env: { TEST_API_KEYS: "test-key-one test-key-two", OTHER_API_KEY: "test-key-two" },
    config: {
      models: { providers: { test: { baseUrl, api: "openai-completions" }, other: { baseUrl, api: "openai-completions" } } },
      ...config,
    },
  });
  const ask = (headers: Record<string, string> = {}) => gateway.post("/v1/chat/completions", { model: "test/m" }, headers);
  return { ...gateway, keys, ask };
}

describe("a rate limit is one whatever its body is like", () => {
  test.each<[string, (socket: Socket) => void]>([
    ["cut off", (socket) => void socket.end(`HTTP/1.1 429 No\r\nretry-after: 5\r\ncontent-length: 100\r\n\r\nshort`)],
    ["reset", (socket) => void socket.write(`HTTP/1.1 429 No\r\ncontent-length: 100\r\n\r\nshort`, () => socket.resetAndDestroy())],
    ["empty", (socket) => void socket.write("HTTP/1.1 429 No\r\ncontent-length: 0\r\n\r\n")],
    ["a page", (socket) => void socket.end("HTTP/1.1 429 No\r\ncontent-type: text/html\r\n\r\n<h1>Too many</h1>")],
  ])("%s", async (_name, first) => {
    const { ask, keys } = await behindRaw(first);
    expect(await (await ask()).text()).toBe(ok);
    expect(keys).toEqual(["test-key-one", "test-key-two"]);
  });

  test("compressed although nobody asked for it", async () => {
    const body = gzipSync(limited);
    const { ask, keys } = await behindRaw((socket) => {
      socket.write(`HTTP/1.1 403 No\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`);
      socket.write(body);
    });
    expect((await ask()).status).toBe(200);
    expect(keys).toEqual(["test-key-one", "test-key-two"]);
  });

  test("in a stream whose type is spelt in capitals", async () => {
    const { ask, keys } = await behindRaw(
      (socket) => void socket.end(`HTTP/1.1 200 OK\r\ncontent-type: Text/Event-Stream\r\n\r\n${sseEvent(limited)}`),
    );
    expect((await ask()).status).toBe(200);
    expect(keys).toEqual(["test-key-one", "test-key-two"]);
  });
});

describe("an error that repeats the key it was asked with is cleaned of it", () => {
  const base64 = Buffer.from("user:test-key-one").toString("base64");

  test("in the body, the headers and encoded forms", async () => {
    const body = JSON.stringify({ error: { message: `no such key: test-key-one, Basic ${base64}, %74est-key-one` } });
    const head = `HTTP/1.1 401 No\r\ncontent-type: application/json\r\nx-echo: Bearer test-key-one\r\ncontent-length: ${body.length}\r\n\r\n`;
    const { ask } = await behindRaw((socket) => void socket.write(head + body));
    const response = await ask();
    const text = await response.text();
    expect(response.status).toBe(401);
    expect(JSON.parse(text)).toMatchObject({ error: { message: expect.stringContaining("[redacted]") } });
    expect(`${text}${JSON.stringify([...response.headers])}`).not.toMatch(/test-key|dGVzdC1rZXk|lzdC1rZX|ZXN0LWtle/u);
  });

  test("cut in the middle of the key, beyond what is held", async () => {
    const filler = "x".repeat(70_000);
    const { ask } = await behindRaw((socket) => {
      socket.write(`HTTP/1.1 400 No\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${filler}test-`);
      setImmediate(() => socket.end("key-one and more"));
    });
    expect(await (await ask()).text()).toBe(`${filler}[redacted] and more`);
  });

  test("in an error event a stream begins with", async () => {
    const event = sseEvent({ error: { message: "bad key test-key-one", type: "invalid_request_error" } });
    const { ask } = await behindRaw((socket) => void socket.end(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n${event}`));
    expect(await (await ask()).text()).toBe(event.replace("test-key-one", "[redacted]"));
  });
});

test("a compressed stream is passed on at once, because it cannot be looked into", async () => {
  const body = gzipSync(openaiStream(["Hello"]).join(""));
  const { ask } = await behindRaw((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\n\r\n");
    socket.write(body.subarray(0, 10));
    stops.push(() => socket.destroy());
  });
  const response = await ask();
  expect(response.headers.get("content-encoding")).toBe("gzip");
  await response.body?.cancel().catch(() => undefined);
});

test("an answer that broke off while a fallback was asked is not passed off as whole", async () => {
  const { ask } = await behindRaw(
    (socket) => {
      socket.write("HTTP/1.1 503 Busy\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n");
      socket.write(`11170\r\n${"x".repeat(70_000)}\r\n`, () => setImmediate(() => socket.resetAndDestroy()));
    },
    { agents: { defaults: { model: { primary: "test/m", fallbacks: ["groq/has-no-key"] } } } },
  );
  const response = await ask();
  expect(response.status).toBe(503);
  await expect(response.text()).rejects.toThrow();
});

describe("a web page in the place of an answer", () => {
  const page = (type: string) => (socket: Socket) =>
    void socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: 17\r\n\r\n<html>Login</html`);

  test.each(["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml"])("of type %s is an error that says so", async (type) => {
    const { ask, keys, gateway } = await behindRaw(page(type));
    const response = await ask();
    expect([response.status, await response.json()]).toMatchObject([
      502,
      { error: { code: "upstream_web_page", message: expect.stringContaining("answered 200 with a web page") } },
    ]);
    expect(keys).toEqual(["test-key-one"]);
    expect(gateway.health.inspect()).toEqual([]);
  });

  test("is followed by the fallback models", async () => {
    const { ask } = await behindRaw(page("text/html"), { agents: { defaults: { model: { primary: "test/m", fallbacks: ["other/m"] } } } });
    expect(await (await ask()).text()).toBe(ok);
  });
});

test.each<[string, (socket: Socket) => void]>([
  ["closes without a word", (socket) => socket.destroy()],
  ["sends garbage", (socket) => void socket.end("hello there\r\n\r\n")],
  ["ends in the middle of its head", (socket) => void socket.end("HTTP/1.1 200 O")],
])("a provider that %s is told of by name and address", async (_name, first) => {
  const { ask, keys } = await behindRaw(first);
  const response = await ask();
  expect([response.status, await response.json()]).toMatchObject([
    502,
    { error: { code: "upstream_unreachable", message: expect.stringMatching(/test at http:\/\/127\.0\.0\.1:\d+ failed \(\w+\)/u) } },
  ]);
  expect(keys).toEqual(["test-key-one"]);
});

test("a name that leads nowhere is told of by name and address", async () => {
  const { post } = await start({
    env: { TEST_API_KEY: "test-key-one" },
    config: { models: { providers: { test: { baseUrl: "https://no-such-host.invalid/v1", api: "openai-completions" } } } },
  });
  const response = await post("/v1/chat/completions", { model: "test/m" });
  expect([response.status, await response.text()]).toEqual([502, expect.stringContaining("test at https://no-such-host.invalid failed")]);
});
