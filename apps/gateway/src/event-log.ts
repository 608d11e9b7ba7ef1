import { randomUUID } from "node:crypto";
import type { Home } from "@openclaw/home";
import type { Clock, Redactor } from "@openclaw/secrets";
import type { GatewayEvent } from "./context.ts";
import { eventView, type EventView } from "./event-view.ts";

/** One thing that happened. */
export interface LoggedEvent {
  /** 1 for the first of this run. */
  readonly sequence: number;
  readonly type: GatewayEvent["type"];
  /** As JSON, without a secret. */
  json(): string;
}

/** What happened lately. It holds so many events and no more, whoever reads them and how slowly. */
export interface EventLog {
  /** Another for each run of a gateway: sequences begin anew with it. */
  readonly run: string;
  /** Sequence of the latest event; 0 before the first. */
  readonly newest: number;
  /** Of the first that is still here; one more than `newest` where none is. */
  readonly oldest: number;
  /** How many are told. */
  readonly listenerCount: number;
  /** Returns it as it is told. */
  record(event: GatewayEvent): EventView;
  at(sequence: number): LoggedEvent | undefined;
  /** Tells that there is another event, or that there will be none. Returns how to stop. */
  listen(listener: (what: "event" | "closing") => void): () => void;
  /** Nobody is told any more. */
  close(): void;
}

/** What a log is kept with. */
export interface EventLogOptions {
  readonly home: Pick<Home, "current">;
  readonly clock: Pick<Clock, "now">;
  readonly redactor: Redactor;
  /** 1,024 unless given. */
  readonly capacity?: number;
}

/**
 * A ring of events. That a request ended is kept as it is, which costs next to nothing, and put into words only for who
 * reads it. The others, which are rare, are made plain at once: they hold on to plans, and what they say is redacted with
 * the secrets of their time.
 */
export function createEventLog({ home, clock, redactor, capacity = 1024 }: EventLogOptions): EventLog {
  const ring: (Entry | undefined)[] = Array.from({ length: capacity });
  const listeners = new Set<(what: "event" | "closing") => void>();
  const fingerprints = new WeakMap<object, string>();
  let newest = 0;

  function viewOf(event: GatewayEvent): EventView {
    return eventView(event, { home: home.current, redactor, fingerprints });
  }

  return {
    run: randomUUID().slice(0, 8),
    get newest() {
      return newest;
    },
    get oldest() {
      return Math.max(1, newest - capacity + 1);
    },
    get listenerCount() {
      return listeners.size;
    },
    record(event) {
      newest += 1;
      const what = viewOf(event);
      ring[newest % capacity] = { sequence: newest, at: clock.now(), type: event.type, what };
      if (listeners.size > 0) for (const listener of listeners) listener("event");
      return what;
    },
    at(sequence) {
      const entry = ring[sequence % capacity];
      if (entry?.sequence !== sequence) return undefined;
      return { sequence, type: entry.type, json: () => jsonOf(entry, redactor) };
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      for (const listener of listeners) listener("closing");
      listeners.clear();
    },
  };
}

interface Entry {
  readonly sequence: number;
  readonly at: number;
  readonly type: GatewayEvent["type"];
  readonly what: EventView;
  /** For the second who reads it. */
  text?: string;
}

function jsonOf(entry: Entry, redactor: Redactor): string {
  return (entry.text ??= JSON.stringify({ at: entry.at, ...entry.what }, (_name, value: unknown) =>
    typeof value === "string" ? redactor.text(value) : value,
  ));
}
