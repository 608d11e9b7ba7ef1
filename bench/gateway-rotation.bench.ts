import { once } from "node:events";
import { Agent, createServer, request, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { createTempHome } from "@openclaw/testkit";
import { afterAll, test } from "vitest";
import { gatewayToken, startGateway } from "../apps/gateway/src/index.ts";
import { createUpstreamPools } from "../apps/gateway/src/upstream-pools.ts";
import { openHome, resolvePaths } from "../packages/home/src/index.ts";
import { Secret } from "../packages/secrets/src/index.ts";

const TOKEN = "test-gateway-token-0123456789abcdef0123456789";
const servers: Server[] = [];
const ends: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  await Promise.all(ends.map((end) => end()));
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
});

const completion = JSON.stringify({
  id: "chatcmpl-bench",
  choices: [{ index: 0, message: { role: "assistant", content: "word ".repeat(400) } }],
});
const limits = {
  "x-ratelimit-limit-requests": "10000",
  "x-ratelimit-remaining-requests": "9999",
  "x-ratelimit-reset-requests": "6ms",
};
const body = Buffer.from(JSON.stringify({ model: "test/m", messages: [{ role: "user", content: "word ".repeat(2000) }] }));

/** The first key is limited, every other one answers. */
const provider = await listen(async (incoming, response) => {
  await read(incoming);
  if (incoming.headers.authorization === "Bearer test-key-limited") {
    response.writeHead(429, { "content-type": "application/json", "retry-after": "20" });
    response.end('{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}');
    return;
  }
  response.writeHead(200, { "content-type": "application/json", ...limits });
  response.end(completion);
});

/** Hands on what it gets, `times` over, of which the client gets the last answer. */
async function startProxy(times: number): Promise<string> {
  const pools = createUpstreamPools();
  ends.push(() => pools.close());
  const pool = pools.of(provider, true);
  return listen(async (incoming, response) => {
    const sent = await read(incoming);
    for (let left = times; left > 0; left -= 1) {
      const answer = await pool.request({
        method: "POST",
        path: "/v1/chat/completions",
        headers: { "content-type": "application/json", authorization: `Bearer test-key-${left > 1 ? "limited" : "two"}` },
        body: sent,
      });
      const text = await answer.body.text();
      if (left === 1) response.writeHead(answer.statusCode, { "content-type": "application/json" }).end(text);
    }
  });
}

async function startBenchGateway(keys: string) {
  const home = await createTempHome();
  await home.write(".openclaw/openclaw.json", {
    models: { providers: { test: { baseUrl: `${provider}/v1`, api: "openai-completions" } } },
  });
  const env = { ...home.env, TEST_API_KEYS: keys };
  const opened = await openHome({ paths: resolvePaths({ env, osHome: home.path, cwd: tmpdir() }), env });
  const gateway = await startGateway({ home: opened, token: gatewayToken(Secret.of(TOKEN), "bench"), port: 0, bind: "loopback" });
  ends.push(() => gateway.close().then(() => home.remove()));
  return gateway;
}

test("a prompt of 10 KB and an answer of 2 KB through the gateway, beside a proxy that looks at nothing", async ({ bench }) => {
  const agent = new Agent({ keepAlive: true });
  const [single, double] = [await startProxy(1), await startProxy(2)];
  const plain = await startBenchGateway("test-key-two");
  const rotating = await startBenchGateway("test-key-limited test-key-two");
  const session = { "x-openclaw-session-key": "a session of somebody" };
  await bench.compare(
    bench("floor: a proxy", () => ask(single, agent)),
    bench("the gateway", () => ask(plain.url, agent)),
    bench("the gateway, in a session", () => ask(plain.url, agent, session)),
    bench("floor: a proxy that asks twice", () => ask(double, agent)),
    bench("the gateway, the first key limited", async () => {
      for (const { id } of rotating.health.inspect()) rotating.health.clear(id);
      await ask(rotating.url, agent);
    }),
    { time: 2_000, warmupTime: 1_000 },
  );
  agent.destroy();
});

async function listen(listener: (incoming: IncomingMessage, response: ServerResponse) => Promise<void>): Promise<string> {
  const handler: RequestListener = (incoming, response) => void listener(incoming, response);
  const server = createServer(handler);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function ask(url: string, agent: Agent, headers: Record<string, string> = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/v1/chat/completions`,
      {
        agent,
        method: "POST",
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", "content-length": body.length, ...headers },
      },
      (response) => response.resume().once("end", resolve),
    );
    sent.once("error", reject).end(body);
  });
}
