import type { IncomingMessage, ServerResponse } from "node:http";
import type { CallRecord } from "./call.ts";
import type { GatewayEvent, RequestEnded } from "./context.ts";

/** What is told of a request once it is over. Each has the same members, with nothing in those that do not apply: it is made for every request. */
export function requestEnded(record: CallRecord, { method = "GET" }: IncomingMessage, response: ServerResponse): RequestEnded {
  const { startedAt, firstByteAt } = record;
  return {
    type: "request",
    id: record.id,
    clientRequestId: record.clientRequestId,
    method,
    route: record.route,
    client: record.client,
    status: response.headersSent ? response.statusCode : 0,
    durationMs: performance.now() - startedAt,
    firstByteMs: firstByteAt === undefined ? undefined : firstByteAt - startedAt,
    model: record.model,
    attempts: record.attempts,
    credential: record.credential,
    credentialClass: record.credentialClass,
    origin: record.origin,
    upstreamRequestId: record.upstreamRequestId,
    failure: record.failure,
  };
}

/** What went wrong with a request, with its id. */
export function ofRequest(event: GatewayEvent, requestId: string): GatewayEvent {
  return event.type === "refused" || event.type === "internal" ? { ...event, requestId } : event;
}
