import { z } from "zod";
import type { ClientCall } from "../call.ts";
import type { GatewayContext } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { checkInput } from "./check-input.ts";
import { eventTypes } from "./event-types.ts";
import { noInput, queryOf, type AdminOperation } from "./operation.ts";
import { streamEvents } from "./stream-events.ts";

/** Each has a place of the ring to read from, a timer and a connection. */
const MOST_LISTENERS = 16;

const query = z.strictObject({
  types: z
    .string()
    .max(1000)
    .transform((text) => text.split(",").map((each) => each.trim()))
    .pipe(z.array(z.enum(Object.keys(eventTypes))))
    .optional()
    .describe("Names of events, with commas between them; all of them unless given"),
});

const described = Object.entries(eventTypes).map(([name, what]) => `- \`${name}\`: ${what}`);

/** What happens, as it happens. */
export const eventOperation: AdminOperation = {
  ...noInput,
  id: "streamEvents",
  summary: "What happens, as it happens (server-sent events)",
  description: [
    "Each event has an `id`, its name and its data as JSON. With `Last-Event-ID` what happened since is told first, as far as it is still known: `gap` says that something is missing. `dropped` is the last event for who reads too slowly, `closing` when the gateway ends.",
    ...described,
  ].join("\n"),
  query,
  answers: { 200: z.looseObject({ at: z.number().optional(), type: z.string().optional() }).meta({ id: "Event" }) },
  answerType: "text/event-stream",
  route: { method: "GET", path: "/api/v1/events", access: "admin", isEndless: true, handle: handleEvents },
};

function handleEvents({ request, response }: ClientCall, { events, clock, isClosing }: GatewayContext): void {
  const { types } = checkInput(query, queryOf(request), "query");
  if (events.listenerCount >= MOST_LISTENERS || isClosing()) {
    throw new GatewayError("too-many-listeners", `${MOST_LISTENERS} streams of events are open already, or the gateway is ending`, {
      hint: "close one, and ask again",
    });
  }
  // Nothing else comes over this connection: it ends with the stream.
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    connection: "close",
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const lastId = request.headers["last-event-id"];
  streamEvents(response, events, {
    clock,
    types: types && new Set(types),
    lastId: typeof lastId === "string" && lastId !== "" ? lastId : undefined,
  });
}
