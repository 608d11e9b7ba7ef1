import { openaiCompletion, type Reply } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { testGateways, TOKEN, type TestGateway, type TestGatewayOptions } from "./test-gateway.ts";

const start = testGateways();

const limited: Reply = { status: 429, body: { error: { message: "rate limit" } } };
const store = {
  version: 1,
  profiles: {
    "test:me@example.com": { type: "api_key", provider: "test", key: "test-key-one" },
    "test:two": { type: "api_key", provider: "test", key: "test-key-two" },
  },
};
const chat = { model: "test/m", messages: [{ role: "user", content: "hi" }] };
const open = (options: Partial<TestGatewayOptions> = {}) =>
  start({ store, default: { body: openaiCompletion("hello") }, replies: { "test-key-one": limited }, ...options });

interface SeenEvent {
  readonly id: string | undefined;
  readonly name: string;
  readonly data: unknown;
}

/** Follows the events of a gateway. */
async function follow({ gateway }: TestGateway, query = "", headers: Record<string, string> = {}) {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const response = await fetch(`${gateway.url}/api/v1/events${query}`, {
    headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    signal: leaving.signal,
  });
  let text = "";
  const reading = (async () => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk;
  })().catch(() => undefined);
  const events = (): readonly SeenEvent[] =>
    text.split("\n\n").flatMap((frame) => {
      const [, name] = /^event: (.*)$/mu.exec(frame) ?? [];
      const [, data] = /^data: (.*)$/mu.exec(frame) ?? [];
      return name === undefined || data === undefined ? [] : [{ id: /^id: (.*)$/mu.exec(frame)?.[1], name, data: JSON.parse(data) }];
    });
  const names = () => events().map(({ name }) => name);
  return { response, events, names, text: () => text, ended: reading, leave: () => leaving.abort() };
}

test("tells what happens as it happens, by the names of accounts, and shows no key", async () => {
  const gateway = await open();
  const { response, events, names, text } = await follow(gateway);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(response.headers.get("cache-control")).toBe("no-store");
  await gateway.post("/v1/chat/completions", chat);
  await expect.poll(names).toEqual(["failed", "cooling", "rotated", "request"]);
  const account = {
    id: "test:me@example.com",
    fingerprint: expect.stringMatching(/^#[0-9a-f]{8}$/u),
    origin: "profile test:me@example.com",
  };
  expect(events()).toMatchObject([
    {
      name: "failed",
      data: { type: "failed", provider: "test", model: "m", credential: account, failure: { class: "rate_limit", status: 429 } },
    },
    { name: "cooling", data: { credential: account, reason: "rate_limit" } },
    { name: "rotated", data: { from: account, to: { id: "test:two" } } },
    { name: "request", data: { route: "/v1/chat/completions", method: "POST", status: 200, client: "admin", at: expect.any(Number) } },
  ]);
  expect(text()).not.toMatch(/test-key-|"resolve"|"hosts"/u);
});

test("tells only what was asked for", async () => {
  const gateway = await open();
  const { names } = await follow(gateway, "?types=request,%20rotated");
  await gateway.post("/v1/chat/completions", chat);
  await expect.poll(names).toEqual(["rotated", "request"]);
});

test("goes on where a reader left, without a gap and without a repetition, also after it left", async () => {
  const gateway = await open();
  const first = await follow(gateway, "?types=request");
  await gateway.post("/v1/chat/completions", chat);
  await expect.poll(first.names).toEqual(["request"]);
  first.leave();
  await gateway.post("/v1/chat/completions", { ...chat, model: "nonsense" });
  const [{ id } = { id: "" }] = first.events();
  const second = await follow(gateway, "?types=request,refused", { "last-event-id": id ?? "" });
  await expect.poll(second.names).toEqual(expect.arrayContaining(["refused", "request"]));
  expect(second.events().map(({ id: seen }) => seen)).not.toContain(id);

  await gateway.restart();
  const third = await follow(gateway, "", { "last-event-id": id ?? "" });
  await expect.poll(third.names).toEqual(["gap"]);
});

test("ends with a last event when the gateway ends, and does not hold it up", async () => {
  const gateway = await open();
  const { events, ended } = await follow(gateway);
  await gateway.gateway.close(60_000);
  await ended;
  expect(events().at(-1)).toMatchObject({ name: "closing" });
});

test("is open to sixteen at a time, and again once one has left", async () => {
  const gateway = await open();
  const readers = await Promise.all(Array.from({ length: 16 }, () => follow(gateway)));
  const { response } = await follow(gateway);
  expect([response.status, response.headers.get("content-type")]).toEqual([503, "application/json"]);
  readers[3]?.leave();
  await expect.poll(async () => (await follow(gateway)).response.status).toBe(200);
});

test("is over for who shows a token that was rotated", async () => {
  const file = ".openclaw/gateway-token";
  const gateway = await open({ tokenFile: "generated", files: { [file]: `${TOKEN}\n` } });
  const { names, ended } = await follow(gateway);
  await gateway.home.write(file, `${TOKEN.replace("test-", "test-another-")}\n`);
  await ended;
  expect(names()).not.toContain("closing");
  expect((await follow(gateway)).response.status).toBe(401);
});

test("does not keep values that were replaced in memory for as long as somebody follows", async () => {
  const apiKey = { source: "file", provider: "file", id: "/key" };
  const config = {
    secrets: { providers: { file: { source: "file", path: "@HOME@/secrets.json", allowInsecurePath: true } } },
    models: { providers: { test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions", apiKey } } },
  };
  const files = { "secrets.json": JSON.stringify({ key: "test-value-before" }) };
  const echo: Reply = { status: 400, body: { error: { message: "not with test-value-before" } } };
  const gateway = await open({ config, files, store: { version: 1, profiles: {} }, default: echo, replies: {} });
  const ask = async () => (await gateway.post("/v1/chat/completions", chat)).text();
  await follow(gateway);
  expect(await ask()).toContain("not with [redacted]");
  await gateway.home.write("secrets.json", JSON.stringify({ key: "test-value-after" }));
  await gateway.post("/api/v1/secrets/reload", {});
  expect(await ask()).toContain("not with test-value-before");
});

test("answers HEAD without a stream", async () => {
  const { gateway } = await open();
  const response = await fetch(`${gateway.url}/api/v1/events`, { method: "HEAD", headers: { authorization: `Bearer ${TOKEN}` } });
  expect([response.status, await response.text()]).toEqual([200, ""]);
});
