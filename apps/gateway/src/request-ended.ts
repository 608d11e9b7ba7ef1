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

/** What an error repeats of a request is the client's to choose. */
const LONGEST_MESSAGE = 2_000;

/** What went wrong with a request, with its id, and whose it was. */
export function ofRequest(event: GatewayEvent, { id: requestId, client }: CallRecord): GatewayEvent {
  if (event.type === "refused") return { ...event, message: shortened(event.message), requestId, ...(client !== undefined && { client }) };
  return event.type === "internal" ? { ...event, requestId } : event;
}

/** It was redacted before: a key that is cut in two is found no more. */
function shortened(message: string): string {
  return message.length <= LONGEST_MESSAGE
    ? message
    : `${message.slice(0, LONGEST_MESSAGE)} (and ${message.length - LONGEST_MESSAGE} characters more)`;
}
