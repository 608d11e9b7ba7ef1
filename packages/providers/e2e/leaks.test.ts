import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { inspect } from "node:util";
import { createRedactor, Secret } from "@openclaw/secrets";
import { caught, createCanary, findCanary, openaiCompletion, openaiError, openaiStream, type Reply, sseEvent } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { createProviderFetch, findProvider } from "../src/index.ts";
import { keyCandidate, planOf, setUp } from "./setup.ts";
import { sdks } from "./sdks.ts";

const key = createCanary("provider-fetch");
const base64 = Buffer.from(`user:${key}`).toString("base64");
const show = (value: unknown) => inspect(value, { depth: 9, showHidden: true, maxStringLength: null });

async function findKey(...values: readonly unknown[]): Promise<readonly unknown[]> {
  const texts = Object.fromEntries(values.map((value, index) => [`value ${index}`, typeof value === "string" ? value : show(value)]));
  return findCanary(key, { texts });
}

describe.each(sdks)("a provider that repeats the key, behind $name", (sdk) => {
  test.each<[string, Reply]>([
    ["in an error", { status: 401, body: sdk.error(401, `Incorrect API key provided: ${key} (${base64})`) }],
    [
      "in the headers of an error",
      { status: 400, headers: { "x-echo": key, "www-authenticate": `Basic ${base64}` }, body: sdk.error(400, "bad") },
    ],
    ["in a text that is no JSON", { status: 500, body: `<html>${key}</html>` }],
    ["in an error of more than is looked at", { status: 500, body: `${"x".repeat(70_000)}${key}${"x".repeat(70_000)}` }],
    ["as its code", { status: 400, body: { error: { code: key, type: key, status: key, message: key } } }],
  ])("%s", async (_, reply) => {
    const events: unknown[] = [];
    const { fetch, url } = await setUp(sdk, { keys: [key], replies: { [key]: reply }, onEvent: (event) => events.push(event) });
    const error = await caught(sdk.ask({ fetch, url }));
    expect(error).toBeInstanceOf(Error);
    expect(await findKey(error, events)).toEqual([]);
  });

  test("in an error event, at the beginning of a stream and within", async () => {
    const [role = ""] = sdk.stream(["hello"]);
    const event = sdk.limitEvent.replace(/"message":"[^"]*"/, `"message":"not ${key}, nor ${base64}"`);
    for (const stream of [[event], [role, event]]) {
      const { fetch, url } = await setUp(sdk, { keys: [key], replies: { [key]: { stream } } });
      expect(await findKey(await sdk.askStream({ fetch, url }).catch((error: unknown) => error))).toEqual([]);
    }
  });
});

describe("what comes back of the key", () => {
  const openai = { provider: "openai", base: "/v1" };
  const ask = { method: "POST", body: JSON.stringify({ model: "test-model" }) };

  test.each<[string, Reply]>([
    ["a successful answer", { body: openaiCompletion(`it is ${key}`) }],
    ["a stream", { stream: openaiStream(["it is", key, "so"]) }],
    ["a key cut in two", { stream: [`data: {"text":"${key.slice(0, 9)}`, `${key.slice(9)}"}\n\n`] }],
    ["an error with status 200", { body: openaiError(`${key} ${base64}`) }],
    ["an error event with base64", { stream: [sseEvent(openaiError(`${key} ${base64}`))] }],
    ["headers of a success", { headers: { "x-key": key }, body: openaiCompletion("hi") }],
  ])("nothing in %s", async (_, reply) => {
    const { fetch, url } = await setUp(openai, { keys: [key], replies: { [key]: reply } });
    const response = await fetch(`${url}/v1/chat/completions`, ask);
    const text = await response.text();
    expect(text).not.toBe("");
    expect(await findKey(text, [...response.headers].join("\n"))).toEqual([]);
  });

  test("other bytes come back as they were", async () => {
    const bytes = JSON.stringify(openaiCompletion("ä".repeat(50_000)));
    const reply = { headers: { "content-type": "application/json", "x-request-id": "req_1", "set-cookie": ["a=1", "b=2"] }, body: bytes };
    const { fetch, url } = await setUp(openai, { keys: [key], replies: { [key]: reply } });
    const response = await fetch(`${url}/v1/chat/completions`, ask);
    expect(await response.text()).toBe(bytes);
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(response).toMatchObject({ status: 200, statusText: "OK", ok: true, url: `${url}/v1/chat/completions` });
    expect(response.headers.get("content-length")).toBe(String(Buffer.byteLength(bytes)));
  });

  test("an error's length is told only where it is true", async () => {
    const { fetch, url } = await setUp(openai, {
      keys: [key],
      replies: {
        [key]: [
          { status: 400, headers: { "content-length": String(key.length) }, body: key },
          { status: 400, body: openaiError("so") },
        ],
      },
    });
    const changed = await fetch(`${url}/v1/chat/completions`, ask);
    expect([await changed.text(), changed.headers.get("content-length")]).toEqual(["[redacted]", null]);
    const same = await fetch(`${url}/v1/chat/completions`, ask);
    expect(await same.json()).toEqual(openaiError("so"));
  });

  test("a redactor that is given knows other values too, and learns the key", async () => {
    const redactor = createRedactor();
    redactor.add(Secret.of("test-key-of-another"));
    const body = openaiError(`${key} test-key-of-another`);
    const { fetch, url } = await setUp(openai, { keys: [key], redactor, replies: { [key]: { status: 400, body } } });
    const response = await fetch(`${url}/v1/chat/completions`, ask);
    expect(await response.json()).toEqual(openaiError("[redacted] [redacted]"));
    expect(redactor.has(Secret.of(key))).toBe(true);
  });

  test("nothing in the error of an answer that is no HTTP", async () => {
    const server = createServer((socket: Socket) => {
      socket.once("data", () => void socket.end(`HTTP/1.1 200 OK\r\nx-${key}\r\n: ${key}\r\n\r\n${key}`));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const address = server.address();
    const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const spec = findProvider("openai");
    if (!spec) throw new Error("no openai");
    const fetch = createProviderFetch(spec, { plan: planOf([keyCandidate(key, [origin])]), baseUrl: origin });
    const error = await caught(fetch(`${origin}/v1/models`));
    expect(error).toBeInstanceOf(TypeError);
    expect(await findKey(error)).toEqual([]);
  });
});
