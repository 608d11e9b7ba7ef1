import { createJsonLog, levelOf, type EventLevel, type EventView, type GatewayEvent } from "@openclaw/gateway";
import { boundedIo } from "./bounded-io.ts";
import { printable, type Io } from "./io.ts";
import { describeGatewayEvent, renderGatewayEvent } from "./render/gateway-event.ts";

export type LogFormat = "text" | "json";

/** What a running gateway writes. The level is for events: what the process says of itself is always written. */
export interface GatewayLog {
  /** For what has no name of its own: `out` is information, `err` wants somebody's eye. */
  readonly io: Io;
  /** What the process does itself, in a word that programs may go by. */
  say(name: string, text: string, fields?: Readonly<Record<string, unknown>>): void;
  event(event: GatewayEvent, view: EventView): void;
}

/** What {@link createGatewayLog} takes. */
export interface GatewayLogOptions {
  readonly format: LogFormat;
  readonly level: EventLevel;
  readonly io: Io;
  readonly now: () => number;
  readonly backlog: () => number;
  /** Removes what the gateway knows to be secret, beyond what the io knows. */
  readonly redact: (text: string) => string;
}

const ranks: Readonly<Record<EventLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50 };

/** Lines for people, or JSON. Whoever reads them slowly, or not at all, holds nothing up: what is too much is counted and dropped. */
export function createGatewayLog(options: GatewayLogOptions): GatewayLog {
  return options.format === "json" ? jsonLog(options) : textLog(options);
}

function textLog({ level, io, now, backlog, redact }: GatewayLogOptions): GatewayLog {
  const bounded = boundedIo(io, { backlog, describe: describeDropped });
  return {
    io: bounded,
    say: (_name, text) => bounded.out(text),
    event(event) {
      // Each single request is for programs.
      if (event.type === "request" || ranks[levelOf(event)] < ranks[level]) return;
      bounded.out(redact(renderGatewayEvent(event, new Date(now()))));
    },
  };
}

function jsonLog({ level, io, now, backlog, redact }: GatewayLogOptions): GatewayLog {
  const describe = (count: number) =>
    JSON.stringify({ level: ranks.warn, time: new Date(now()).toISOString(), event: "dropped", count, msg: describeDropped(count) });
  const bounded = boundedIo(io, { backlog, describe });
  const log = createJsonLog({ write: (line) => bounded.out(line), redact });
  return {
    io: {
      out: (text) => log.write("info", "note", printable(text)),
      err: (text) => log.write("warn", "note", printable(text)),
      secret: (secret) => io.secret(secret),
    },
    say: (name, text, fields) => log.write("info", name, text, fields),
    event(event, view) {
      const own = levelOf(event);
      if (ranks[own] < ranks[level]) return;
      if (event.type === "request") {
        const { type, id: requestId, ...fields } = event;
        log.write(own, type, `${event.method} ${event.route} ${event.status}`, { requestId, ...fields });
        return;
      }
      const { type, ...fields } = view;
      const stack = event.type === "internal" && { stack: event.error.stack };
      log.write(own, type, describeGatewayEvent(event, new Date(now())), { ...fields, ...stack });
    },
  };
}

function describeDropped(count: number): string {
  return `${count} lines were not written: nobody read them`;
}
