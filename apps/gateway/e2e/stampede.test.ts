import { once } from "node:events";
import { createServer } from "node:http";
import { openaiCompletion, openaiError } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { testGateways } from "./test-gateway.ts";

const start = testGateways();

/** So many requests per key and window are answered, the others limited. */
const QUOTA = 60;
const WINDOW_MS = 1000;
const THINKING_MS = 5;

/** A provider that counts what it answers per key and second, and how many requests it has at once. */
async function startMeteredProvider() {
  const seen = new Map<string, { windowAt: number; used: number; open: number; mostOpen: number }>();
  let refused = 0;
  const server = createServer((request, response) => {
    const key = request.headers.authorization ?? "";
    const own = seen.get(key) ?? { windowAt: 0, used: 0, open: 0, mostOpen: 0 };
    seen.set(key, own);
    own.open += 1;
    own.mostOpen = Math.max(own.mostOpen, own.open);
    request.resume().once("end", () => {
      const now = Date.now();
      if (now >= own.windowAt + WINDOW_MS) Object.assign(own, { windowAt: now, used: 0 });
      own.used += 1;
      const isLimited = own.used > QUOTA;
      if (isLimited) refused += 1;
      // As long as a model takes to think, in which others come.
      setTimeout(() => {
        response.writeHead(isLimited ? 429 : 200, { "content-type": "application/json", ...(isLimited && { "retry-after": "1" }) });
        own.open -= 1;
        response.end(JSON.stringify(isLimited ? openaiError("Rate limit reached") : openaiCompletion("hello")));
      }, THINKING_MS);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/v1`,
    refused: () => refused,
    mostOpen: () => [...seen.values()].map(({ mostOpen }) => mostOpen),
  };
}

test("of 500 clients at once with three keys few are refused, and no key has more requests than it may", async () => {
  const provider = await startMeteredProvider();
  const gateway = await start({
    env: { TEST_API_KEYS: "test-key-one test-key-two test-key-three" },
    config: {
      models: { providers: { test: { baseUrl: provider.url, api: "openai-completions" } } },
      auth: {
        credentials: { TEST_API_KEYS: { maxConcurrent: 10 } },
        strategies: { test: "least-used" },
        cooldowns: { maxWaitMs: 25_000 },
      },
    },
  });
  const ask = async () => {
    const { status, headers } = await gateway.post("/v1/chat/completions", { model: "test/m", messages: [] });
    return status === 200 ? "answered" : `${status} ${headers.get("retry-after")}`;
  };
  const answers = await Promise.all(Array.from({ length: 500 }, ask));
  expect(provider.mostOpen()).toHaveLength(3);
  expect(Math.max(...provider.mostOpen())).toBeLessThanOrEqual(10);
  // Those on their way when a quota is used up, and one probe in each window. With no key to go on to they hear when to come again.
  expect(provider.refused()).toBeLessThan(150);
  const refused = answers.filter((answer) => answer !== "answered");
  expect(refused.length).toBeLessThanOrEqual(provider.refused());
  expect(new Set(refused)).toEqual(new Set(refused.length > 0 ? ["429 1"] : []));
});
