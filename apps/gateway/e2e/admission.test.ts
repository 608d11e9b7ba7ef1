import { once } from "node:events";
import { connect } from "node:net";
import { openaiCompletion } from "@openclaw/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, testGateways, TOKEN, type TestGateway } from "./test-gateway.ts";

let started: TestGateway;
beforeAll(async () => {
  started = await startTestGateway({
    env: { TEST_API_KEY: "test-key-one" },
    replies: { "test-key-one": { body: openaiCompletion("ok") } },
  });
});
afterAll(() => started.close());

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${started.gateway.url}${path}`, { headers });

test.each(["/healthz", "/readyz"])("%s needs no token", async (path) => {
  expect((await get(path)).status).toBe(200);
});

test.each([
  ["none", {}],
  ["a wrong one", { authorization: "Bearer test-wrong" }],
  ["a part of it", { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
  ["the scheme Basic", { authorization: `Basic ${TOKEN}` }],
  ["an empty one", { authorization: "Bearer " }],
])("a request with %s as token is refused before its body is looked at", async (_name, headers) => {
  const response = await fetch(`${started.gateway.url}/v1/chat/completions`, { method: "POST", headers, body: "not json" });
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toContain("Bearer");
  expect(await response.json()).toMatchObject({ error: { code: "unauthorized" } });
});

test("the token is taken from x-api-key as well, as Anthropic's SDK sends it", async () => {
  expect((await get("/v1/models", { "x-api-key": TOKEN })).status).toBe(200);
});

test("an error for an Anthropic client has Anthropic's shape", async () => {
  const response = await fetch(`${started.gateway.url}/v1/messages`, { method: "POST" });
  expect(await response.json()).toMatchObject({ type: "error", error: { type: "authentication_error" } });
});

test("/v1/models lists the agents and openclaw/default", async () => {
  const response = await get("/v1/models", { authorization: `Bearer ${TOKEN}` });
  const body: unknown = await response.json();
  expect(body).toMatchObject({ object: "list" });
  expect(JSON.stringify(body)).toContain('"openclaw/default"');
});

test.each([
  ["text/plain", 415],
  ["application/x-www-form-urlencoded", 415],
  ["application/json; charset=utf-7", 415],
  ['application/json; charset="utf-16"', 415],
  ["application/json; charset=utf-8; charset=utf-7", 415],
  ["application/json; charset=UTF-8", 400],
  ['application/json;charset="utf-8"', 400],
  ["Application/JSON ;", 400],
])("a body of type %s is answered %i: JSON is UTF-8, and an empty object names no model", async (type, status) => {
  expect((await started.post("/v1/chat/completions", "{}", { "content-type": type })).status).toBe(status);
});

test.each([
  ["no JSON", "hello"],
  ["an array", "[]"],
  ["cut off", '{"model":"test/m"'],
  ["no model", "{}"],
  ["a model that is no text", '{"model":5}'],
  ["two models", '{"model":"test/a","model":"test/b"}'],
  ["two models, one in disguise", String.raw`{"model":"test/a","\u006dodel":"test/b"}`],
])("a body with %s is a 400", async (_name, body) => {
  const response = await started.post("/v1/chat/completions", body);
  expect(response.status).toBe(400);
});

test.each(["nonsense", "unknown-provider/m", "openclaw/nobody", "../../etc/passwd"])(
  "the model %s is a 404 that says why",
  async (model) => {
    const response = await started.post("/v1/chat/completions", { model });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "model_not_found" } });
  },
);

test("a body over the limit is a 413", async () => {
  const response = await raw(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n`,
  );
  expect(response).toContain(" 413 ");
});

test.each(["evil.example", "127.0.0.1.evil.example", "localhost.", "2130706433", "0.0.0.0"])(
  "a request for the host %s is refused",
  async (host) => {
    expect(await raw(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toContain(" 403 ");
  },
);

test("a request that names two hosts is refused", async () => {
  expect(await raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n")).toContain(" 400 ");
});

test.each(["https://evil.example", "null", "http://localhost:1"])("a request from the page %s is refused", async (origin) => {
  expect((await get("/v1/models", { origin, authorization: `Bearer ${TOKEN}` })).status).toBe(403);
});

test.each(["/v1/../v1/models", "/v1/%6dodels", "//v1/models", "/v1/models/", "/nothing"])("the path %s leads nowhere", async (path) => {
  const response = await raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`);
  expect(response).toContain(" 404 ");
});

async function raw(text: string): Promise<string> {
  const socket = connect(started.gateway.port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.write(text);
  await once(socket, "close");
  return Buffer.concat(chunks).toString();
}

const start = testGateways();

test("a connection that was opened ahead of need does not keep a gateway that ends waiting", async () => {
  const { gateway } = await start({});
  const silent = connect(gateway.port, "127.0.0.1");
  await once(silent, "connect");
  // Answered behind it, so it was accepted.
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  const closed = once(silent, "close");
  const before = performance.now();
  await gateway.close(20_000);
  expect(performance.now() - before).toBeLessThan(5_000);
  await closed;
});

test.each(["POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz"])(
  "half the head of a request does not keep a gateway that ends waiting: %j",
  async (head) => {
    const { gateway } = await start({});
    const half = connect(gateway.port, "127.0.0.1");
    half.resume();
    const closed = once(half, "close");
    await new Promise<void>((resolve) => half.write(head, () => resolve()));
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    const before = performance.now();
    await gateway.close(20_000);
    expect(performance.now() - before).toBeLessThan(5_000);
    await closed;
  },
);

test("a request whose body is still coming has the whole grace", async () => {
  const { gateway, provider } = await start({
    env: { TEST_API_KEY: "test-key-one" },
    replies: { "test-key-one": { body: openaiCompletion("late") } },
  });
  const body = JSON.stringify({ model: "test/m", messages: [] });
  const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`;
  const slow = connect(gateway.port, "127.0.0.1");
  slow.write(head);
  const [first] = await once(slow, "data");
  expect(String(first)).toContain("100 Continue");
  const unused = connect(gateway.port, "127.0.0.1");
  const swept = once(unused, "close");
  await once(unused, "connect");
  const ended = gateway.close(20_000);
  await swept;
  slow.write(body);
  const [answer] = await once(slow, "data");
  expect(String(answer)).toContain("200 OK");
  expect([await ended, provider.keysSeen()]).toEqual([0, ["test-key-one"]]);
});

test.each([
  ["/v1beta/models/x:batchGenerateContent", ":generateContent"],
  ["/v1/models/x:predict", ":batchEmbedContents"],
  ["/v1beta/models/x", ":countTokens"],
  ["/v1/models/test/m", ":streamGenerateContent"],
])("a POST to %s is a 404 that says what there is", async (path, named) => {
  const response = await started.post(path, "{}");
  expect([response.status, response.headers.get("allow")]).toEqual([404, null]);
  expect(await response.text()).toContain(named);
  expect((await started.post("/v1/models", "{}")).status).toBe(405);
});

test.each(["test/m\u0000", "test/a\u0007b", "open\u0000claw", "openclaw/ma\u0000in", "test/m@test:\u001b[2J", "test/m\u0085x"])(
  "a model's name with a control character in it is a 400: %j",
  async (model) => {
    for (const path of ["/v1/chat/completions", "/v1/embeddings", "/v1/messages"]) {
      expect((await started.post(path, { model, messages: [], input: "" })).status).toBe(400);
    }
    expect((await started.post(`/v1beta/models/${encodeURIComponent(model)}:generateContent`, { contents: [] })).status).toBe(400);
    expect(started.provider.hits).toEqual([]);
  },
);
