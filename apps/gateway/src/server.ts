import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { requireCaller, requireHttp, requireJson } from "./admission.ts";
import { answerError } from "./answer-error.ts";
import type { CallRecord } from "./call.ts";
import { clientDialect } from "./client-dialect.ts";
import { ClientGone } from "./client-gone.ts";
import type { GatewayContext } from "./context.ts";
import type { ErrorShape } from "./error-body.ts";
import { requirePatience } from "./gate.ts";
import type { KeptEntrance } from "./keep-entrance.ts";
import { nothingThere } from "./nothing-there.ts";
import { ofRequest, requestEnded } from "./request-ended.ts";
import { createRequestIds, readClientRequestId } from "./request-ids.ts";
import { createRouter, type RouteSearch } from "./route.ts";
import { routes } from "./routes/index.ts";

export interface ServerOptions {
  readonly context: GatewayContext;
  readonly doors: Pick<KeptEntrance, "entrance" | "limits">;
}

/** How often it is looked for requests that take too long to come. */
const CHECK_MS = 1_000;

/** The HTTP server of the gateway, not yet listening. */
export function createGatewayServer(options: ServerOptions): Server {
  const { context, doors } = options;
  const { headersTimeoutMs, requestTimeoutMs } = doors.limits;
  const router = createRouter(routes);
  const nextId = createRequestIds();
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (isPipelined(response)) {
      response.writeHead(400, { connection: "close", "content-length": 0 }).end();
      return;
    }
    const found = router.find(request.method ?? "GET", pathOf(request));
    const record: CallRecord = {
      id: nextId(),
      clientRequestId: readClientRequestId(request.headers),
      startedAt: performance.now(),
      route: "route" in found ? found.route.path : "none",
    };
    // An answer of a provider has it among the others: headers that are set before cost more than those that come with the status.
    if (!("route" in found) || found.route.dialect === undefined) response.setHeader("x-openclaw-request-id", record.id);
    context.metrics.begin();
    doors.entrance.occupy(request.socket);
    response.once("close", () => {
      doors.entrance.vacate(request.socket);
      context.onEvent(requestEnded(record, request, response));
    });
    // Without a listener an error of a socket that is going away would end the process.
    response.on("error", () => response.destroy());
    handle({ request, response, found, record }, options).catch((error: unknown) => {
      if (error instanceof ClientGone) return;
      if (!response.headersSent) response.setHeader("x-openclaw-request-id", record.id);
      answerError(response, error, shapeOf(found, request), {
        ...context,
        onEvent: (event) => context.onEvent(ofRequest(event, record)),
      });
    });
  };
  const server = createServer(
    { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, connectionsCheckingInterval: CHECK_MS, keepAliveTimeout: 65_000 },
    answer,
  );
  // A client that asks before it sends its body is told to go on once it is known who it is.
  server.on("checkContinue", answer);
  doors.entrance.guard(server);
  return server;
}

/**
 * Whether a request waits behind another on its connection. No client of models sends one before it was answered; thousands could
 * be sent at once, and nobody would be told when the connection of one that still waits ends.
 */
function isPipelined({ socket }: ServerResponse): boolean {
  return socket === null;
}

interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly found: RouteSearch;
  readonly record: CallRecord;
}

async function handle({ request, response, found, record }: Incoming, { context, doors: { entrance } }: ServerOptions): Promise<void> {
  const identified = entrance.identify(request);
  const { caller } = identified;
  record.client = caller?.name;
  // What is withdrawn while this request is answered is still looked for until it has been.
  const isEndless = "route" in found && found.route.isEndless === true;
  if (caller && !isEndless) response.once("close", context.secrets.redactor.hold());
  if ("route" in found && found.route.access === "anyone") {
    requireHttp(request);
    await found.route.handle({ request, response, params: found.params, caller, record }, context);
    return;
  }
  requirePatience(identified);
  const known = requireCaller(caller, "route" in found && found.route.access !== "anyone" ? found.route.access : "client");
  requireHttp(request);
  if (!("route" in found)) {
    const error = nothingThere(found.allowed, request.method ?? "GET", pathOf(request));
    if (error.code === "method-not-allowed") response.setHeader("allow", found.allowed.join(", "));
    throw error;
  }
  const { route, params } = found;
  if (route.method !== "GET") requireJson(request);
  if (route.access === "anyone") return;
  if (route.access !== "client") entrance.watch(response, known);
  const letGo = route.access === "client" ? entrance.take(request, response, known) : undefined;
  await route.handle({ request, response, params, caller: known, record }, context);
  // What was asked is not sent again once an answer has begun.
  letGo?.();
}

function shapeOf(found: RouteSearch, request: IncomingMessage): ErrorShape {
  if ("route" in found && found.route.dialect) return found.route.dialect;
  const path = pathOf(request);
  return path.startsWith("/api/") ? "admin" : clientDialect(path, request.headers);
}

/** The path as it was sent. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}
