import { once } from "node:events";
import { Agent, createServer, get, type RequestListener, type ServerResponse } from "node:http";
import { test } from "vitest";
import { redactionFor } from "../apps/gateway/src/answer-redaction.ts";
import { createUpstreamPools } from "../apps/gateway/src/upstream-pools.ts";
import { sendUpstream } from "../apps/gateway/src/upstream.ts";
import { createRedactor, Secret } from "../packages/secrets/src/index.ts";

const KEY = `sk-proj-${"aB3".repeat(50)}`;
const sent = Secret.of(KEY);
const needle = Buffer.from(KEY);
const redactor = createRedactor();
for (let index = 0; index < 100; index += 1) redactor.add(Secret.of(`sk-proj-${index}-${"xY7".repeat(40)}`));
redactor.add(sent);

const chunks = Array.from({ length: 50 }, (_, index) => {
  const delta = { index: 0, delta: { content: ` word ${index}, "so"\n` }, finish_reason: null };
  return Buffer.from(
    `data: ${JSON.stringify({ id: "chatcmpl-bench", object: "chat.completion.chunk", model: "m", choices: [delta] })}\n\n`,
  );
});

test("50 events of content, in memory, beside one Buffer.indexOf pass over each", async ({ bench }) => {
  const headers = { "content-type": "text/event-stream" };
  const start = redactionFor;
  await bench.compare(
    bench("floor: Buffer.indexOf of the key", () => {
      for (const chunk of chunks) chunk.indexOf(needle);
    }),
    bench("error events and the key that was sent", () => {
      const redaction = start({ isError: false, headers, redactor, sent });
      for (const chunk of chunks) redaction?.push(chunk);
      redaction?.end();
    }),
    bench("everything through the full redactor", () => {
      const stream = redactor.stream();
      for (const chunk of chunks) stream.push(chunk);
      stream.end();
    }),
    { time: 400, warmupTime: 200 },
  );
});

test("a stream of 50 chunks over HTTP, beside the same without looking into it", async ({ bench }) => {
  const provider = await listen((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    writeAll(response, 0);
  });
  const pools = createUpstreamPools();
  const dispatcher = pools.of(provider.url, true);
  const request = { path: "/", headers: { "accept-encoding": "identity" }, body: Buffer.from("{}") };
  const bare = await listen((_incoming, response) => {
    dispatcher.dispatch(
      { method: "POST", ...request },
      {
        onRequestStart: () => {},
        onResponseError: () => void response.destroy(),
        onResponseStart: (_controller, status) => {
          response.writeHead(status, { "content-type": "text/event-stream" });
          response.flushHeaders();
        },
        onResponseData: (_controller, chunk) => void response.write(chunk),
        onResponseEnd: () => void response.end(),
      },
    );
  });
  const redacting = await listen((_incoming, response) => {
    void sendUpstream({ dispatcher, ...request, signal: new AbortController().signal, redactor, sent }).then((upstream) =>
      upstream.take(response, {}),
    );
  });
  const agent = new Agent({ keepAlive: true });
  await bench.compare(
    bench("floor: bytes handed on", () => read(bare.url, agent)),
    bench("held, judged and redacted", () => read(redacting.url, agent)),
    { time: 1500, warmupTime: 500 },
  );
  agent.destroy();
  await pools.close();
  for (const server of [bare, redacting, provider]) server.close();
});

/** One chunk per turn of the event loop, so that they arrive apart. */
function writeAll(response: ServerResponse, index: number): void {
  const chunk = chunks[index];
  if (!chunk) return void response.end();
  response.write(chunk);
  setImmediate(() => writeAll(response, index + 1));
}

async function listen(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, close: () => void server.close() };
}

function read(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => response.resume().once("end", resolve)).once("error", reject);
  });
}
