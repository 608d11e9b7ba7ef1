import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { Secret } from "@openclaw/secrets";
import { describe, expect, onTestFinished, test } from "vitest";
import { createGatewayClient, type GatewayReply } from "./gateway-client.ts";

const token = Secret.of("test-token-0123456789abcdef");
const question = { method: "GET", path: "/api/v1/secrets", timeoutMs: 60_000 } as const;

/** Serves what a test wants until it is over. */
async function serve(answer: RequestListener): Promise<URL> {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return new URL(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
}

async function ask(answer: RequestListener): Promise<GatewayReply> {
  return createGatewayClient({ url: await serve(answer), token }).ask(question);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}

test.each([200, 404, 503])("what is answered in JSON comes back with its status %i", async (status) => {
  expect(await ask((_request, response) => json(response, status, { a: 1 }))).toEqual({ kind: "answered", status, body: { a: 1 } });
});

test("shows the token, and sends the body as JSON to the path below the given address", async () => {
  const seen: Pick<IncomingMessage, "method" | "url" | "headers">[] = [];
  const bodies: string[] = [];
  const url = await serve((request, response) => {
    seen.push(request);
    request.on("data", (chunk: Buffer) => bodies.push(chunk.toString()));
    request.on("end", () => json(response, 200, {}));
  });
  const below = new URL("/base/", url);
  await createGatewayClient({ url: below, token }).ask({ ...question, method: "POST", path: "/api/v1/secrets/reload", body: {} });
  expect(seen[0]).toMatchObject({
    method: "POST",
    url: "/base/api/v1/secrets/reload",
    headers: { authorization: "Bearer test-token-0123456789abcdef", "content-type": "application/json", "content-length": "2" },
  });
  expect(bodies).toEqual(["{}"]);
});

describe("odd answers", () => {
  test.each<[string, RequestListener, GatewayReply]>([
    ["a refused token", (_request, response) => json(response, 401, {}), { kind: "refused" }],
    [
      "a page",
      (_request, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>test-body</html>"),
      { kind: "odd", reason: "HTTP 200 and no JSON" },
    ],
    ["no type", (_request, response) => void response.writeHead(200).end("{}"), { kind: "odd", reason: "HTTP 200 and no JSON" }],
    [
      "JSON that is none",
      (_request, response) => void response.writeHead(200, { "content-type": "application/json" }).end("{test-body"),
      { kind: "odd", reason: "HTTP 200 and no valid JSON" },
    ],
    [
      "a connection that is dropped before the answer",
      (request) => request.socket.destroy(),
      { kind: "odd", reason: "a connection that broke off (ECONNRESET)" },
    ],
    [
      "one that is dropped within it",
      (request, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": 100 });
        response.write('{"a"', () => request.socket.destroy());
      },
      { kind: "odd", reason: "a connection that broke off (ECONNRESET)" },
    ],
    [
      "a caller it does not like",
      (_request, response) => json(response, 403, {}),
      { kind: "odd", reason: "HTTP 403: it does not answer to this address" },
    ],
  ])("%s", async (_name, answer, reply) => {
    expect(await ask(answer)).toEqual(reply);
  });

  test("an answer without end is left alone", async () => {
    const reply = await ask((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const more = () => {
        while (!response.destroyed && response.write(" ".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    });
    expect(reply).toEqual({ kind: "odd", reason: "more than 4194304 bytes" });
  });

  test("a redirect is not followed: the token stays here", async () => {
    const asked: string[] = [];
    const other = await serve((request, response) => {
      asked.push(request.headers.authorization ?? "");
      json(response, 200, {});
    });
    const reply = await ask((_request, response) => void response.writeHead(307, { location: other.href }).end());
    expect([reply, asked]).toEqual([{ kind: "odd", reason: "a redirect (HTTP 307), which is not followed" }, []]);
  });

  test.each(["before the head", "within the body"])("one that hangs %s is given up when the time is over", async (where) => {
    const time = new AbortController();
    const url = await serve((_request, response) => {
      if (where === "within the body") {
        response.writeHead(200, { "content-type": "application/json" });
        response.write("{", () => time.abort());
      } else time.abort();
    });
    const durations: number[] = [];
    const after = (durationMs: number) => {
      durations.push(durationMs);
      return time.signal;
    };
    expect(await createGatewayClient({ url, token, after }).ask(question)).toEqual({ kind: "timed-out", timeoutMs: 60_000 });
    expect(durations).toEqual([60_000]);
  });

  test("nobody listens", async () => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const url = new URL(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
    server.close();
    await once(server, "close");
    expect(await createGatewayClient({ url, token }).ask(question)).toEqual({ kind: "absent", reason: "ECONNREFUSED" });
  });
});
