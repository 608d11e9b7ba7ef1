import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createUpstreamPools } from "../../apps/gateway/src/upstream-pools.ts";
import { listenAndTell } from "./child-process.ts";

/**
 * The least that a proxy can do with `node:http` and undici: it reads the body, sends it on with the same headers as the gateway
 * through a pool with the same settings, and hands on what comes back. It looks at nothing, and holds nothing back.
 */

const [origin = ""] = process.argv.slice(2);
const pool = createUpstreamPools().of(origin, true);

const forwarded = ["accept", "content-type", "user-agent", "anthropic-version", "anthropic-beta", "openai-beta", "idempotency-key"];
const dropped = new Set(["connection", "keep-alive", "transfer-encoding", "set-cookie", "alt-svc", "strict-transport-security"]);

function proxy(path: string, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const headers: Record<string, string> = { "accept-encoding": "identity", authorization: "Bearer test-key-one" };
  for (const name of forwarded) {
    const value = request.headers[name];
    if (typeof value === "string") headers[name] = value;
  }
  pool.dispatch(
    { method: "POST", path, headers, body },
    {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, status, upstream) => void response.writeHead(status, kept(upstream)),
      onResponseData(controller, chunk) {
        if (response.write(chunk)) return;
        controller.pause();
        response.once("drain", () => controller.resume());
      },
      onResponseEnd: () => void response.end(),
      onResponseError: () => void response.destroy(),
    },
  );
}

function kept(upstream: IncomingHttpHeaders): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {};
  for (const name in upstream) if (!dropped.has(name)) headers[name] = upstream[name];
  return headers;
}

const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => void chunks.push(chunk));
  request.on("end", () => {
    const [only] = chunks;
    proxy(request.url ?? "/", request, response, chunks.length === 1 && only ? only : Buffer.concat(chunks));
  });
});

listenAndTell(server);
