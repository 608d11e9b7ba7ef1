import { createServer } from "node:http";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { surfaceSamples } from "./surface-samples.ts";
import { testGateways, TOKEN } from "./test-gateway.ts";

const start = testGateways();
const env = { TEST_API_KEY: "test-key-one" };

function behind(name: string, config: object = {}) {
  const sample = surfaceSamples[name];
  if (!sample) throw new Error(`no surface ${name}`);
  const { provider, answer } = sample;
  return start({ env, config: { models: { providers: { test: provider } }, ...config }, default: { body: answer } });
}

/** Sends a request line as it is: `fetch` would tidy up its path. */
async function sendRaw(port: number, target: string, body = "{}"): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(
    `POST ${target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

describe("what the provider receives is what the client sent, but for the name of the model", () => {
  const oddities = String.raw`"text":"caf\u00e9 é \ud83d\ude00 😀 \"model\": \"x\" \\", "big" : 12345678901234567890,"n":1.0e+2 ,"model2":"y"`;

  test.each(Object.entries(surfaceSamples).filter(([, { ask }]) => "model" in ask))("%s", async (name, { path }) => {
    const { post, provider } = await behind(name);
    const body = `\n{\t${oddities},\r\n "messages" : [ {"model":"inner"} ], "model"  :\n"test\\/m" , "tools":[{"model":"z"}]}\n\n`;
    expect((await post(path, body)).status).toBe(200);
    expect(provider.hits[0]?.body.toString()).toBe(body.replace(String.raw`"test\/m"`, '"m"'));
  });

  test.each(Object.entries(surfaceSamples).filter(([, { ask }]) => !("model" in ask)))("%s", async (name, { path }) => {
    const { post, provider } = await behind(name);
    const body = `\n{\t${oddities},\r\n "contents" : [ {"model":"inner", "parts":[{"functionCall":{"args":{"model":"z"}}}]} ]}\n\n`;
    expect((await post(path, body)).status).toBe(200);
    expect(provider.hits[0]?.body.toString()).toBe(body);
  });

  test("where a request of Gemini's repeats the model of its path, it is the one that is asked", async () => {
    const { post, provider } = await behind("embeddings of Gemini");
    const body = '{"requests":[ {"model":"models/test/m","content":{"model":"x"}} , {"content":{}, "model" : "else/where"} ]}';
    await post("/v1beta/models/test/m:batchEmbedContents", body);
    expect(provider.hits[0]?.body.toString()).toBe(
      '{"requests":[ {"model":"models/m","content":{"model":"x"}} , {"content":{}, "model" : "models/m"} ]}',
    );
  });
});

describe("the model in a path of Gemini's", () => {
  const config = { agents: { defaults: { model: "test/default-model", models: { "test/aliased": { alias: "Quick" } } } } };

  test.each([
    ["models/test/m", "m"],
    ["models/test%2Fm", "m"],
    ["test/m", "m"],
    ["models/openclaw", "default-model"],
    ["models/openclaw/default", "default-model"],
    ["models/openclaw%2Fdefault", "default-model"],
    ["models/openclaw/main", "default-model"],
    ["models/Quick", "aliased"],
    ["models/test/vendor/m", "vendor%2Fm"],
    ["models/test/m%3Fkey=x%23y", "m%3Fkey%3Dx%23y"],
    ["models/test/a:b", "a%3Ab"],
    ["models/test/m%5Cn", "m%5Cn"],
    ["models/test/caf%C3%A9", "caf%C3%A9"],
  ])("%s is %s of the provider", async (name, segment) => {
    const { gateway, provider } = await behind("Gemini", config);
    expect(await sendRaw(gateway.port, `/v1beta/${name}:generateContent`)).toMatch(/^HTTP\/1.1 200 /u);
    expect(provider.hits.map((hit) => hit.path)).toEqual([`/v1beta/models/${segment}:generateContent`]);
  });

  test.each([
    "models/test/..",
    "models/test/../m",
    "models/test/%2e%2e/m",
    "models/test/..%2Fm",
    "models/test/%2E%2E%5Cm",
    "models/test/.%2e/%2e./admin",
    "models/test/%252e%252e%252fm",
    "models/test/a/./b",
  ])("%s leads nowhere", async (name) => {
    const { gateway, provider } = await behind("Gemini", config);
    expect(await sendRaw(gateway.port, `/v1beta/${name}:generateContent`)).toMatch(/^HTTP\/1.1 404 /u);
    expect(provider.hits).toEqual([]);
  });

  test.each([
    "/v1beta/models/%zz:generateContent",
    "/v1beta/models/:generateContent",
    "/v1beta//x",
    "/v2beta/models/test/m:generateContent",
  ])("%s is nothing there", async (target) => {
    const { gateway, provider } = await behind("Gemini", config);
    const answer = await sendRaw(gateway.port, target);
    expect(answer).toMatch(/^HTTP\/1.1 404 /u);
    expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).toMatchObject({ error: { code: expect.anything() } });
    expect(provider.hits).toEqual([]);
  });

  test("may be overridden by x-openclaw-model, as everywhere", async () => {
    const { post, provider } = await behind("Gemini", config);
    await post("/v1beta/models/test/m:generateContent", {}, { "x-openclaw-model": "test/other" });
    expect(provider.hits.map((hit) => hit.path)).toEqual(["/v1beta/models/other:generateContent"]);
  });
});

describe("the query", () => {
  test.each([
    ["Gemini", "/v1beta/models/test/m:streamGenerateContent?alt=sse", "?alt=sse"],
    [
      "Gemini",
      "/v1beta/models/test/m:generateContent?$alt=json;enum-encoding%3Dint&prettyPrint=false",
      "?%24alt=json%3Benum-encoding%3Dint&prettyPrint=false",
    ],
    ["Gemini", "/v1beta/models/test/m:generateContent?key=test-key-client&access_token=x&uploadType=y&fields=z", ""],
    ["Messages", "/v1/messages?beta=true", "?beta=true"],
    ["the counting of Messages", "/v1/messages/count_tokens?beta=true&api_base=http%3A%2F%2Fevil.example", "?beta=true"],
    ["Chat Completions", "/v1/chat/completions?api-version=1&key=x", ""],
    ["Responses", "/v1/responses?beta=true", ""],
  ])("%s: of %s the provider sees %j", async (name, path, expected) => {
    const { post, provider } = await behind(name);
    const ask = surfaceSamples[name]?.ask ?? {};
    expect((await post(path, ask)).status).toBe(200);
    const { path: seen } = await provider.waitForHit();
    expect(seen.includes("?") ? seen.slice(seen.indexOf("?")) : "").toBe(expected);
  });

  test("is no place for the gateway's token", async () => {
    const { gateway, provider } = await behind("Gemini");
    const response = await fetch(`${gateway.url}/v1beta/models/test/m:generateContent?key=${TOKEN}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 401, status: "UNAUTHENTICATED" } });
    expect(provider.hits).toEqual([]);
  });
});

describe("T1: nothing in a request chooses where it goes", () => {
  test.each(Object.entries(surfaceSamples))("%s", async (name, { path, ask, providerPath }) => {
    let asked = 0;
    const attacker = createServer((_request, response) => {
      asked += 1;
      response.end("{}");
    });
    attacker.listen(0, "127.0.0.1");
    await once(attacker, "listening");
    const address = attacker.address();
    const host = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const url = `http://${host}`;
    const { post, provider } = await behind(name);
    const fields = ["api_base", "base_url", "baseUrl", "baseURL", "api_url", "endpoint", "host", "custom_host", "proxy", "user_config"];
    const inBody = Object.fromEntries(fields.map((field) => [field, url]));
    const headers = [
      "base-url",
      "api-base",
      "portkey-custom-host",
      "openclaw-base-url",
      "openclaw-host",
      "forwarded-host",
      "original-url",
      "host",
    ];
    const body = { ...ask, ...inBody, config: inBody, extra_body: inBody, metadata: inBody };
    const response = await post(
      `${path}?base_url=${encodeURIComponent(url)}&api_base=${encodeURIComponent(url)}`,
      body,
      Object.fromEntries([...headers.map((header) => [`x-${header}`, url]), ["forwarded", `host=${host}`], ["via", host]]),
    );
    expect(response.status).toBe(200);
    expect(provider.hits.map((hit) => hit.path)).toEqual([providerPath]);
    expect(
      Object.keys(provider.hits[0]?.headers ?? {}).filter(
        (header) => header.startsWith("x-") && header !== "x-api-key" && header !== "x-goog-api-key",
      ),
    ).toEqual([]);
    expect(asked).toBe(0);
    attacker.close();
  });

  test.each(["http://evil.example/x", "//evil.example/x", "test/@evil.example/x", "evil.example/m", "http:/evil/m"])(
    "nor does the model %j",
    async (model) => {
      const { post, provider } = await behind("Chat Completions");
      await post("/v1/chat/completions", { model });
      expect(provider.hits.filter((hit) => hit.path !== "/v1/chat/completions")).toEqual([]);
    },
  );
});

describe("the headers", () => {
  test("of an organization or a project that pays are the client's own and no provider's business", async () => {
    const { post, provider } = await behind("Responses");
    await post(
      "/v1/responses",
      { model: "test/m" },
      {
        "openai-organization": "org",
        "openai-project": "proj",
        "x-goog-user-project": "p",
        "openai-beta": "responses=v1",
        "idempotency-key": "k",
      },
    );
    const { headers } = await provider.waitForHit();
    expect(headers).toMatchObject({ "openai-beta": "responses=v1", "idempotency-key": "k" });
    expect(["openai-organization", "openai-project", "x-goog-user-project"].filter((name) => name in headers)).toEqual([]);
  });
});
