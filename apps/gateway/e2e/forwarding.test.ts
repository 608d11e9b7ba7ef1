import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { anthropicMessage, anthropicStream, openaiCompletion, openaiStream } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { testGateways, TOKEN } from "./test-gateway.ts";

const start = testGateways();

const env = { TEST_API_KEY: "test-key-one" };
const ok = { "test-key-one": { body: openaiCompletion("ok") } };

describe("what the provider receives", () => {
  test("the bytes of the client, with another model name", async () => {
    const { post, provider } = await start({ env, replies: ok });
    const body =
      '{ "messages" : [{"role":"user","content":"caf\u00e9 \\u00e9 \\"model\\": \\"x\\""}],\n  "n":1.0, "model" : "test\\/some-model","stop":["}"], "big":12345678901234567890 }';
    await post("/v1/chat/completions", body);
    expect(provider.hits[0]?.body.toString()).toBe(body.replace('"test\\/some-model"', '"some-model"'));
  });

  test("no credential and no routing header of the client", async () => {
    const { post, provider } = await start({ env, replies: ok });
    await post(
      "/v1/chat/completions",
      { model: "test/m" },
      { "api-key": "client-key", cookie: "a=b", "x-forwarded-host": "evil.example", "openai-organization": "org" },
    );
    const { headers } = await provider.waitForHit();
    expect(headers.authorization).toBe("Bearer test-key-one");
    expect(JSON.stringify(headers)).not.toContain(TOKEN);
    expect(Object.keys(headers).toSorted()).toEqual(
      ["accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "host", "user-agent"].toSorted(),
    );
  });

  test("the model of x-openclaw-model, of an alias, of the default", async () => {
    const config = {
      agents: {
        defaults: { model: "test/default-model", models: { "test/aliased": { alias: "Quick" } } },
        list: [{ id: "main" }, { id: "work", model: "test/work-model" }],
      },
      models: { providers: { test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions" } } },
    };
    const { post, provider } = await start({ env, config, replies: ok });
    await post("/v1/chat/completions", { model: "test/ignored" }, { "x-openclaw-model": "test/overridden" });
    for (const model of ["Quick", "openclaw", "openclaw/default", "openclaw/work"]) await post("/v1/chat/completions", { model });
    expect(provider.hits.map((hit) => JSON.parse(hit.body.toString()).model)).toEqual([
      "overridden",
      "aliased",
      "default-model",
      "default-model",
      "work-model",
    ]);
  });

  test("a base URL of the configuration takes the environment's keys of a known provider", async () => {
    const config = { models: { providers: { openrouter: { baseUrl: "@PROVIDER@/api/v1" } } } };
    const { post, provider } = await start({ env: { OPENROUTER_API_KEY: "test-key-one" }, config, replies: ok });
    await post("/v1/chat/completions", { model: "openrouter/moonshotai/kimi-k2" });
    expect(provider.hits.map((hit) => [hit.path, hit.key, JSON.parse(hit.body.toString()).model])).toEqual([
      ["/api/v1/chat/completions", "test-key-one", "moonshotai/kimi-k2"],
    ]);
  });
});

describe("providers of the Anthropic dialect", () => {
  const config = { models: { providers: { anthropic: { baseUrl: "@PROVIDER@" } } } };

  test("are served at /v1/messages, with the key in x-api-key", async () => {
    const { post, provider } = await start({
      env: { ANTHROPIC_API_KEY: "test-key-one" },
      config,
      replies: { "test-key-one": { body: anthropicMessage("hello") } },
    });
    const response = await post(
      "/v1/messages",
      { model: "anthropic/claude-test", max_tokens: 5, messages: [] },
      { "anthropic-beta": "some-beta" },
    );
    expect(await response.json()).toEqual(anthropicMessage("hello"));
    const { headers, path } = await provider.waitForHit();
    expect([path, headers["x-api-key"], headers.authorization, headers["anthropic-version"], headers["anthropic-beta"]]).toEqual([
      "/v1/messages",
      "test-key-one",
      undefined,
      "2023-06-01",
      "some-beta",
    ]);
  });

  test("stream, pings and all", async () => {
    const chunks = anthropicStream(["Hello", " you"]);
    const { post } = await start({ env: { ANTHROPIC_API_KEY: "test-key-one" }, config, replies: { "test-key-one": { stream: chunks } } });
    const response = await post("/v1/messages", { model: "anthropic/claude-test", stream: true });
    expect(await response.text()).toBe(chunks.join(""));
  });

  test("take a setup-token as Bearer", async () => {
    const token = `sk-ant-oat01-${"t".repeat(95)}`;
    const { post, provider } = await start({
      env: { ANTHROPIC_OAUTH_TOKEN: token },
      config,
      replies: { [token]: { body: anthropicMessage("hello") } },
    });
    await post("/v1/messages", { model: "anthropic/claude-test" });
    const { headers } = await provider.waitForHit();
    expect(headers["x-api-key"]).toBeUndefined();
    expect(headers["anthropic-beta"]).toContain("oauth-2025-04-20");
  });

  test("asked in another dialect give a 400 that names the right path", async () => {
    const { post, provider } = await start({ env: { ANTHROPIC_API_KEY: "test-key-one" }, config });
    const response = await post("/v1/chat/completions", { model: "anthropic/claude-test" });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("/v1/messages");
    expect(provider.hits).toHaveLength(0);
  });
});

describe("the way of an answer", () => {
  test("a stream arrives event by event", async () => {
    const { upstream, chunks, gate } = haltingStream();
    const { post, stop } = await behind(upstream);
    const response = await post();
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString()).toBe(chunks.slice(0, 2).join(""));
    gate.resolve();
    const rest: string[] = [];
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) rest.push(Buffer.from(next.value).toString());
    expect(rest.join("")).toBe(chunks.slice(2).join(""));
    await stop();
  });

  test("a client that goes away takes the request to the provider with it", async () => {
    const { provider, gateway, events } = await start({
      env,
      replies: { "test-key-one": { stream: openaiStream(["one"]), afterHeaders: "hang" } },
    });
    const body = JSON.stringify({ model: "test/m", stream: true });
    const client = connect(gateway.port, "127.0.0.1");
    client.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await once(client, "data");
    client.destroy();
    await provider.waitForAborted();
    expect(provider.hits).toHaveLength(1);
    expect(events).toEqual([{ type: "client-gone", model: "test/m", requestId: expect.any(String) }]);
  });

  test("a client that goes away before the answer takes the request with it, and no other key is tried", async () => {
    const { provider, gateway, events } = await start({
      env: { TEST_API_KEYS: "test-key-one test-key-two" },
      replies: { "test-key-one": { beforeHeaders: "hang" } },
    });
    const abort = new AbortController();
    const pending = fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      signal: abort.signal,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "test/m" }),
    });
    await provider.waitForHit();
    abort.abort();
    await expect(pending).rejects.toThrow();
    await provider.waitForAborted();
    expect(provider.keysSeen()).toEqual(["test-key-one"]);
    expect(gateway.health.inspect()).toEqual([]);
    expect(events).toEqual([{ type: "client-gone", model: "test/m", requestId: expect.any(String) }]);
  });

  test("a slow client slows the provider down instead of filling memory", async () => {
    const total = 96 * 1024 * 1024;
    const chunk = Buffer.alloc(256 * 1024, 0x61);
    let written = 0;
    const upstream = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/octet-stream", "content-length": total });
      const more = () => {
        while (written < total) {
          written += chunk.length;
          if (!response.write(chunk)) {
            response.once("drain", more);
            return;
          }
        }
        response.end();
      };
      more();
    });
    const { post, stop } = await behind(upstream);
    const response = await post();
    let read = 0;
    let mostUnread = 0;
    for await (const part of response.body ?? []) {
      mostUnread = Math.max(mostUnread, written - read);
      read += part.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(read).toBe(total);
    expect(mostUnread).toBeLessThan(32 * 1024 * 1024);
    await stop();
  });

  test("a gateway that is closed lets an answer under way finish, and takes no new request", async () => {
    const { upstream, chunks, gate } = haltingStream();
    const { post, stop, gateway } = await behind(upstream);
    const response = await post();
    const closed = gateway.close(20_000);
    await expect(fetch(`${gateway.url}/healthz`, { headers: { connection: "close" } })).rejects.toThrow();
    gate.resolve();
    expect(await response.text()).toBe(chunks.join(""));
    await closed;
    await stop();
  });

  test("a gateway that is closed cuts what outlives its patience", async () => {
    const { post, gateway, provider, events } = await start({
      env,
      replies: { "test-key-one": { stream: openaiStream(["one"]).slice(0, 2), afterHeaders: "hang" } },
    });
    const response = await post("/v1/chat/completions", { model: "test/m", stream: true });
    await gateway.close(0);
    await expect(response.text()).rejects.toThrow();
    await provider.waitForAborted();
    expect(events).toEqual([]);
  });

  test("an answer that breaks off breaks off for the client too", async () => {
    const { post, events, gateway } = await start({
      env,
      replies: { "test-key-one": { stream: openaiStream(["one"]).slice(0, 2), afterHeaders: "destroy" } },
    });
    const response = await post("/v1/chat/completions", { model: "test/m", stream: true });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    // By now the connection is closed here too, and that is not taken for the client's doing.
    await fetch(`${gateway.url}/healthz`);
    const candidate = expect.objectContaining({ origin: "TEST_API_KEY" });
    expect(events).toEqual([{ type: "answer-cut", model: "test/m", candidate, requestId: expect.any(String) }]);
  });

  test.each([301, 302, 303, 307, 308])("T3: a %i is not followed and its target never hears of the key", async (status) => {
    let hits = 0;
    const other = createServer((_request, response) => {
      hits += 1;
      response.end();
    });
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const location = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/v1/chat/completions`;
    const { post, provider } = await start({ env, replies: { "test-key-one": { status, headers: { location } } } });
    const response = await post("/v1/chat/completions", { model: "test/m" });
    expect(response.status).toBe(502);
    expect(response.headers.get("location")).toBeNull();
    expect(hits).toBe(0);
    expect(provider.hits).toHaveLength(1);
    other.close();
  });

  /** A provider that streams its first event and keeps the others until the gate opens. */
  function haltingStream() {
    const gate = Promise.withResolvers<void>();
    const chunks = openaiStream(["one", "two"]);
    const upstream = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      // With a word in it: what only begins an answer is held back.
      response.write(chunks.slice(0, 2).join(""));
      void gate.promise.then(() => response.end(chunks.slice(2).join("")));
    });
    return { upstream, chunks, gate };
  }

  /** A gateway in front of a server of the test's own. */
  async function behind(upstream: ReturnType<typeof createServer>) {
    upstream.listen(0, "127.0.0.1");
    await once(upstream, "listening");
    const address = upstream.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const { post, gateway } = await start({
      env,
      config: { models: { providers: { test: { baseUrl: url, api: "openai-completions" } } } },
    });
    return {
      gateway,
      post: () => post("/v1/chat/completions", { model: "test/m", stream: true }),
      stop: async () => {
        upstream.closeAllConnections();
        upstream.close();
      },
    };
  }
});
