import { once } from "node:events";
import { createServer, request as httpRequest, type ServerResponse } from "node:http";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import {
  anthropicError,
  anthropicStream,
  createCanary,
  findCanary,
  openaiCompletion,
  openaiError,
  openaiStream,
  sseEvent,
  type Reply,
} from "@openclaw/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { testGateways, TOKEN, type TestGateway } from "./test-gateway.ts";

const start = testGateways();
const closes: (() => void)[] = [];
afterEach(() => {
  for (const close of closes.splice(0)) close();
});

const key = createCanary("sent");
/** Known to the gateway, but not what is sent. */
const other = createCanary("other");
const forms = {
  plain: (value: string) => value,
  base64: (value: string) => Buffer.from(value).toString("base64"),
  "a Basic header": (value: string) => `Basic ${Buffer.from(`user:${value}`).toString("base64")}`,
  "percent escapes": (value: string) => [...value].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join(""),
  "JSON escapes": (value: string) => value.replaceAll("-", String.raw`\u002d`),
};

describe.each(Object.entries(forms))("L2: the key as %s", (_name, form) => {
  test.each([401, 500])("L2: in the body of a %i", async (status) => {
    const answer = await ask({ status, body: `{"error":{"message":"bad key ${form(key)}, not ${form(other)}"}}` });
    expect(answer.status).toBe(status);
    expect(answer.body).toContain("[redacted]");
    await expectClean(answer);
  });

  test("L2: in a header, of an answer that succeeds too", async () => {
    for (const status of [200, 401]) {
      const answer = await ask({ status, headers: { "x-echo": `key ${form(key)}`, "x-list": ["a", form(other)] }, body: "text" });
      expect(answer.headers["x-echo"]).toContain("[redacted]");
      await expectClean(answer);
    }
  });

  test.each(["L2: in an error event a stream begins with", "L2: in an error event in mid-stream"])("%s", async (name) => {
    const content = name.includes("mid-stream") ? openaiStream(["one"]).slice(0, 2) : [];
    const answer = await ask({ stream: [...content, `data: {"error":{"message":"bad key ${form(key)}, not ${form(other)}"}}\n\n`] });
    expect(answer.body.startsWith(content.join(""))).toBe(true);
    expect(answer.body).toContain("[redacted]");
    await expectClean(answer);
  });
});

test("L2: in an error event of the Anthropic dialect in mid-stream", async () => {
  const content = anthropicStream(["one"]).slice(0, 4);
  const event = sseEvent(anthropicError(`bad key ${forms.base64(key)}`, "authentication_error"), "error");
  const gateway = await start({
    env: { ANTHROPIC_API_KEY: key },
    config: { models: { providers: { anthropic: { baseUrl: "@PROVIDER@" } } } },
    replies: { [key]: { stream: [...content, event] } },
  });
  const response = await gateway.post("/v1/messages", { model: "anthropic/claude-test", stream: true });
  const body = await response.text();
  expect(body.startsWith(`${content.join("")}event: error\ndata: {"type":"error"`)).toBe(true);
  expect(body).toContain("bad key [redacted]");
  expect(await findCanary(key, { texts: { body } })).toEqual([]);
});

describe("L2: split at every byte over two chunks", () => {
  test.each<[string, string, (text: string) => Pick<Reply, "status" | "stream"> & { readonly type?: string }]>([
    ["an error event", sseEvent(openaiError(`bad ${forms.base64(key)}`)), (text) => ({ stream: [openaiStream(["one"])[1] ?? "", text] })],
    ["a content event", sseEvent({ choices: [{ delta: { content: key } }] }), (text) => ({ stream: [text] })],
    ["an error", JSON.stringify(openaiError(`bad ${forms.base64(key)}`)), (text) => ({ status: 400, stream: [text] })],
    ["a successful answer", JSON.stringify(openaiCompletion(key)), (text) => ({ stream: [text], type: "application/json" })],
  ])("L2: %s", async (_name, text, replyWith) => {
    const gateway = await behind((response) => {
      const at = gateway.hits;
      const { stream = [], type = "text/event-stream", status = 200 } = replyWith(text);
      response.writeHead(status, { "content-type": type });
      for (const chunk of stream.slice(0, -1)) response.write(chunk);
      response.write(text.slice(0, at), () => setImmediate(() => response.end(text.slice(at))));
    });
    for (let at = 0; at <= text.length; at += 1) await expectClean(await gateway.ask());
    expect(gateway.hits).toBe(text.length + 1);
  });
});

describe("L2: in what only a server of its own can send", () => {
  test("L2: the reason phrase, the trailers and the name of a header", async () => {
    const mixed = "Test-Key-One-In-Capitals";
    for (const sent of [key, mixed]) {
      const gateway = await behind((response) => {
        response.writeHead(401, `No ${sent}`, ["trailer", "x-late", `x-${sent}`, "1", sent, "2", "x-kept", "3"]);
        response.addTrailers({ "x-late": sent });
        response.end("no");
      }, sent);
      const answer = await gateway.ask();
      expect(answer.status).toBe(401);
      expect(answer.all.toLowerCase()).not.toContain(sent.toLowerCase());
      expect(answer.headers["x-kept"]).toBe("3");
    }
  });

  test("L2: chunks of an error whose answer is cut off", async () => {
    const gateway = await behind((response) => {
      response.writeHead(401, { "content-length": "100000" });
      response.write(`bad key ${key.slice(0, 20)}`, () => setImmediate(() => response.write(key.slice(20), () => response.destroy())));
    });
    const answer = await gateway.ask();
    expect(answer.isWhole).toBe(false);
    await expectClean(answer);
  });
});

const text = JSON.stringify(openaiError(`bad key ${key}`, "invalid_request_error", "invalid_api_key"));

describe("L2: an error compressed although nobody asked for it", () => {
  test.each<[string, Buffer]>([
    ["gzip", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["deflate", deflateRawSync(text)],
    ["br", brotliCompressSync(text)],
    ["zstd", zstdCompressSync(text)],
    ["gzip, br", brotliCompressSync(gzipSync(text))],
  ])("L2: %s is unpacked and redacted", async (coding, body) => {
    const gateway = await behind((response) => {
      response.writeHead(401, {
        "content-encoding": coding,
        "content-length": body.length,
        etag: '"a"',
        "content-type": "application/json",
      });
      response.end(body);
    });
    const answer = await gateway.ask();
    expect(answer).toMatchObject({ status: 401, isWhole: true, body: text.replace(key, "[redacted]") });
    expect(answer.headers).toMatchObject({ "content-type": "application/json" });
    expect(answer.headers).not.toHaveProperty("content-encoding");
    expect(answer.headers).not.toHaveProperty("etag");
    expect(gateway.acceptedEncoding).toBe("identity");
    await expectClean(answer);
  });

  const bomb = gzipSync(Buffer.concat([Buffer.from(text), Buffer.alloc(32 * 1024 * 1024)]));
  test.each<[string, string, Buffer]>([
    ["broken", "gzip", Buffer.from(text)],
    ["cut", "gzip", gzipSync(text).subarray(0, -9)],
    ["a bomb", "gzip", bomb],
    ["in a coding nobody knows", "compress", Buffer.from(text)],
    ["larger than is held", "gzip", gzipSync(Buffer.from(text.repeat(3000)), { level: 0 })],
  ])("L2: one that is %s is replaced", async (_name, coding, body) => {
    const gateway = await behind((response) => {
      response.writeHead(401, { "content-encoding": coding, "content-type": "text/plain", "x-request-id": "req_test" });
      response.end(body);
    });
    const answer = await gateway.ask();
    expect([answer.status, answer.isWhole, answer.headers["content-type"], answer.headers["x-request-id"]]).toEqual([
      401,
      true,
      "application/json",
      "req_test",
    ]);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { type: "authentication_error", code: "upstream_unreadable" } });
    await expectClean(answer);
  });

  test("L2: one that breaks off is replaced by a whole one", async () => {
    const gateway = await behind((response) => {
      response.writeHead(429, { "content-encoding": "gzip", "content-length": "1000" });
      response.write(gzipSync(text).subarray(0, 30), () => response.destroy());
    });
    expect(await gateway.ask()).toMatchObject({ status: 429, isWhole: true, body: expect.stringContaining("upstream_unreadable") });
  });
});

describe("L2: a successful answer is searched for the key that was sent", () => {
  test("L2: and is as long as before, so that its length stays true", async () => {
    const body = JSON.stringify(openaiCompletion(`your key is ${key}`));
    const answer = await ask({ body: openaiCompletion(`your key is ${key}`) });
    expect(answer.body).toBe(body.replace(key, "[redacted]".padEnd(key.length, "*")));
    expect(answer.headers["content-length"]).toBe(String(body.length));
    await expectClean(answer);
  });

  test("and for nothing else: other values and other forms pass as they came", async () => {
    const content = `${other} ${forms.base64(key)} ${TOKEN}`;
    expect((await ask({ body: openaiCompletion(content) })).body).toBe(JSON.stringify(openaiCompletion(content)));
    const stream = openaiStream([content, "error"]);
    expect((await ask({ stream })).body).toBe(stream.join(""));
  });

  test("a short key is a word that any text may hold", async () => {
    const gateway = await behind((response) => response.end('{"content":"I am ollama"}'), "ollama");
    expect((await gateway.ask()).body).toBe('{"content":"I am ollama"}');
  });
});

describe("L2: the gateway's own token", () => {
  test("L2: echoed by the provider of a provider", async () => {
    const behindBoth = await start({
      env: { TEST_API_KEY: key },
      replies: { [key]: { status: 401, body: `bad key ${key}, asked by ${TOKEN}`, headers: { "x-echo": TOKEN } } },
    });
    const inFront = await start({
      env: { TEST_API_KEY: TOKEN },
      config: { models: { providers: { test: { baseUrl: `${behindBoth.gateway.url}/v1`, api: "openai-completions" } } } },
    });
    // The model of the request to the second gateway is what the first one leaves of the name.
    const answer = await exchange(inFront, "test/test/m");
    expect(behindBoth.provider.hits).toHaveLength(1);
    expect([answer.status, answer.body]).toEqual([401, "bad key [redacted], asked by [redacted]"]);
    expect(answer.all).not.toContain(TOKEN);
    await expectClean(answer);
  });

  test("L2: and the keys, in what the gateway says itself", async () => {
    const gateway = await start({ env: { TEST_API_KEY: key } });
    const response = await gateway.post("/v1/chat/completions", { model: `no-such-${TOKEN}` });
    const body = await response.text();
    expect(body).toContain("[redacted]");
    expect(`${body}${JSON.stringify(gateway.events)}`).not.toContain(TOKEN);
  });
});

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
  readonly isWhole: boolean;
  /** Everything the client was told, and what the operator sees. */
  readonly all: string;
}

async function expectClean({ all }: Answer): Promise<void> {
  expect([...(await findCanary(key, { texts: { all } })), ...(await findCanary(other, { texts: { all } }))]).toEqual([]);
}

/** What a client is told of a scripted answer to the key, after another one was told to wait. */
async function ask(reply: Reply): Promise<Answer> {
  const gateway = await start({ env: { TEST_API_KEYS: `${other} ${key}` }, replies: { [other]: { status: 429 }, [key]: reply } });
  const answer = await exchange(gateway, "test/m");
  expect(gateway.provider.keysSeen()).toEqual([other, key]);
  return answer;
}

/** A gateway in front of a server of the test's own. */
async function behind(answer: (response: ServerResponse) => void, sent = key) {
  let hits = 0;
  let acceptedEncoding: string | undefined;
  const server = createServer((incoming, response) => {
    acceptedEncoding = String(incoming.headers["accept-encoding"]);
    answer(response);
    hits += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closes.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const baseUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const gateway = await start({
    env: { TEST_API_KEY: sent },
    config: { models: { providers: { test: { baseUrl, api: "openai-completions" } } } },
  });
  return {
    get hits() {
      return hits;
    },
    get acceptedEncoding() {
      return acceptedEncoding;
    },
    ask: () => exchange(gateway, "test/m"),
  };
}

/** Asks by node:http, which shows the reason phrase and the trailers. */
async function exchange({ gateway, events }: TestGateway, model: string): Promise<Answer> {
  const request = httpRequest(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    agent: false,
  });
  const answered = Promise.withResolvers<Answer>();
  request.on("error", answered.reject);
  request.on("response", (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("error", () => undefined);
    response.on("close", () => {
      const { statusCode: status = 0, headers, complete: isWhole, statusMessage, rawHeaders, rawTrailers } = response;
      const body = Buffer.concat(chunks).toString();
      const all = [statusMessage, ...rawHeaders, ...rawTrailers, body, JSON.stringify(events)].join("\n");
      answered.resolve({ status, headers, body, isWhole, all });
    });
  });
  request.end(JSON.stringify({ model, stream: true }));
  return answered.promise;
}
