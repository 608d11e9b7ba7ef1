import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Dialect } from "@openclaw/providers";
import { requireJson, requireLocalCaller, requireToken } from "./admission.ts";
import { answerError } from "./answer-error.ts";
import type { GatewayContext } from "./context.ts";
import { GatewayError } from "./errors.ts";
import type { GatewayToken } from "./gateway-token.ts";
import { ClientGone } from "./client-gone.ts";
import { handleCompletion } from "./routes/completion.ts";
import { handleModels } from "./routes/models.ts";
import { handleSecrets, handleSecretsReload } from "./routes/secrets.ts";
import { sendJson } from "./send-json.ts";

export interface ServerOptions {
  readonly context: GatewayContext;
  /** The one that counts now. */
  readonly token: () => GatewayToken;
  readonly bind: "loopback" | "lan";
}

const completionRoutes: Readonly<Record<string, Dialect>> = {
  "/v1/chat/completions": "openai-completions",
  "/v1/messages": "anthropic-messages",
};

/** The HTTP server of the gateway, not yet listening. */
export function createGatewayServer(options: ServerOptions): Server {
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 120_000, connectionsCheckingInterval: 2_000, keepAliveTimeout: 65_000 },
    (request, response) => {
      const path = pathOf(request);
      const dialect =
        completionRoutes[path] ?? (request.headers["anthropic-version"] === undefined ? "openai-completions" : "anthropic-messages");
      // Without a listener an error of a socket that is going away would end the process.
      response.on("error", () => response.destroy());
      handle(request, response, path, options).catch((error: unknown) => {
        if (!(error instanceof ClientGone)) answerError(response, error, dialect, options.context);
      });
    },
  );
  server.maxRequestsPerSocket = 0;
  return server;
}

async function handle(request: IncomingMessage, response: ServerResponse, path: string, options: ServerOptions): Promise<void> {
  requireLocalCaller(request, options.bind);
  if (path === "/healthz") {
    requireMethod(request, "GET");
    sendJson(response, 200, { status: "ok" });
    return;
  }
  if (path === "/readyz") {
    requireMethod(request, "GET");
    sendJson(response, 200, { status: "ready" });
    return;
  }
  const token = options.token();
  requireToken(request, token);
  // What is withdrawn while this request is answered is still looked for until it has been.
  response.once("close", options.context.secrets.redactor.hold());
  const dialect = completionRoutes[path];
  if (dialect) {
    requireMethod(request, "POST");
    requireJson(request);
    const client = token.secret.fingerprint(options.context.home.current.salt);
    await handleCompletion({ request, response, dialect, client }, options.context);
  } else if (path === "/v1/models") {
    requireMethod(request, "GET");
    handleModels(response, options.context.home.current);
  } else if (path === "/api/v1/secrets") {
    requireMethod(request, "GET");
    handleSecrets(response, options.context);
  } else if (path === "/api/v1/secrets/reload") {
    requireMethod(request, "POST");
    requireJson(request);
    await handleSecretsReload(response, options.context);
  } else {
    throw new GatewayError("not-found", `There is nothing at ${path}`);
  }
}

function requireMethod(request: IncomingMessage, method: string): void {
  if (request.method === method || (method === "GET" && request.method === "HEAD")) return;
  throw new GatewayError("method-not-allowed", `Use ${method} here`);
}

/** The path as it was sent: nothing is decoded or joined, so that no spelling reaches a route by a detour. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}
