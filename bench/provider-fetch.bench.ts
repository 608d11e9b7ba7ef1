import { createRequire } from "node:module";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, test } from "vitest";
import type * as keyRotation from "../packages/key-rotation/src/index.ts";
import type * as providers from "../packages/providers/src/index.ts";
import type * as secrets from "../packages/secrets/src/index.ts";

// Loaded by Node itself: vitest turns every use of an import into a getter call.
const require = createRequire(import.meta.url);
const { createHealth }: typeof keyRotation = require("../packages/key-rotation/src/index.ts");
const { createProviderFetch, findProvider }: typeof providers = require("../packages/providers/src/index.ts");
const { Secret, systemClock }: typeof secrets = require("../packages/secrets/src/index.ts");

const completion = JSON.stringify({
  id: "chatcmpl-test",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "word ".repeat(400) }, finish_reason: "stop" }],
});
const event = `data: ${JSON.stringify({ id: "chatcmpl-test", choices: [{ index: 0, delta: { content: " word" }, finish_reason: null }] })}\n\n`;
const events = `${event.repeat(200)}data: [DONE]\n\n`;
const limits = {
  "x-ratelimit-limit-requests": "10000",
  "x-ratelimit-remaining-requests": "9999",
  "x-ratelimit-reset-requests": "6ms",
  "x-ratelimit-limit-tokens": "30000000",
  "x-ratelimit-remaining-tokens": "29999000",
  "x-ratelimit-reset-tokens": "2ms",
};

/** The first key is limited, every other one answers. */
const server: Server = createServer((request, response) => {
  request.resume().once("end", () => {
    if (request.headers.authorization === "Bearer test-key-limited") {
      response.writeHead(429, { "content-type": "application/json", "retry-after": "20" });
      response.end('{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}');
      return;
    }
    const isStream = request.url?.endsWith("stream") === true;
    response.writeHead(200, { "content-type": isStream ? "text/event-stream" : "application/json", ...limits });
    response.end(isStream ? events : completion);
  });
});

let origin = "";
beforeAll(async () => {
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const init = {
  method: "POST",
  headers: { "content-type": "application/json", authorization: "Bearer test-key-two" },
  body: JSON.stringify({ model: "test-model", messages: [{ role: "user", content: "word ".repeat(2000) }] }),
};

function fetchWith(...keys: readonly string[]) {
  const spec = findProvider("openai");
  if (!spec) throw new Error("no openai");
  const candidates = keys.map((key) => {
    const info = { id: key, provider: "openai", origin: key, billing: "metered" as const, hosts: [origin] };
    const credential = { ...info, generation: 0, kind: "api-key" as const, secret: Secret.of(key) };
    return { ...info, via: "key" as const, resolve: () => credential };
  });
  const health = createHealth({ clock: systemClock });
  const fetch = createProviderFetch(spec, { plan: { provider: "openai", candidates, excluded: [] }, baseUrl: origin, health });
  return { fetch, health };
}

test("a completion of 2 KB for a prompt of 10 KB, beside the plain fetch", async ({ bench }) => {
  const one = fetchWith("test-key-two");
  const two = fetchWith("test-key-limited", "test-key-two");
  await bench.compare(
    bench("floor: fetch", async () => void (await (await fetch(`${origin}/v1/any`, init)).json())),
    bench("a provider's fetch", async () => void (await (await one.fetch(`${origin}/v1/any`, init)).json())),
    bench("floor: fetch, twice", async () => {
      const limited = { ...init, headers: { ...init.headers, authorization: "Bearer test-key-limited" } };
      await (await fetch(`${origin}/v1/any`, limited)).json();
      await (await fetch(`${origin}/v1/any`, init)).json();
    }),
    bench("a provider's fetch, the first key limited", async () => {
      two.health.clear("test-key-limited");
      await (await two.fetch(`${origin}/v1/any`, init)).json();
    }),
    { time: 1_500, warmupTime: 500 },
  );
});

test("a stream of 200 events, beside the plain fetch", async ({ bench }) => {
  const one = fetchWith("test-key-two");
  await bench.compare(
    bench("floor: fetch", async () => void (await (await fetch(`${origin}/v1/stream`, init)).text())),
    bench("a provider's fetch", async () => void (await (await one.fetch(`${origin}/v1/stream`, init)).text())),
    { time: 1_500, warmupTime: 500 },
  );
});
