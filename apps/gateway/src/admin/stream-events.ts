import type { ServerResponse } from "node:http";
import type { Clock } from "@openclaw/secrets";
import type { EventLog, LoggedEvent } from "../event-log.ts";

/** What a reader wants. */
export interface StreamEventsOptions {
  readonly clock: Clock;
  /** All of them unless given. */
  readonly types: ReadonlySet<string> | undefined;
  /** The id of the last event it has seen. */
  readonly lastId: string | undefined;
}

const HEARTBEAT_MS = 15_000;
/** Of who is dropped: for the last event to arrive. */
const GOODBYE_MS = 10_000;

/**
 * Writes events to a reader until one of the two ends it. Nothing is queued for a reader: it has a place in the ring, and
 * goes on from there as fast as it reads. One that falls behind the ring, or takes nothing for two heartbeats, is dropped.
 */
export function streamEvents(response: ServerResponse, log: EventLog, { clock, types, lastId }: StreamEventsOptions): void {
  const ended = new AbortController();
  const { signal } = ended;
  const isKnown = lastId?.startsWith(`${log.run}-`) === true;
  let cursor = lastId === undefined ? log.newest : isKnown ? sequenceOf(lastId, log) : 0;
  let isBlocked = false;
  let blockedBeats = 0;

  function write(text: string): void {
    isBlocked = !response.write(text) || isBlocked;
  }

  function end(last: string): void {
    if (signal.aborted) return;
    stop();
    response.end(last);
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    clock.sleep(GOODBYE_MS, gone.signal).then(
      () => response.destroy(),
      () => undefined,
    );
  }

  function stop(): void {
    ended.abort();
    unlisten();
  }

  function pump(): void {
    if (cursor + 1 < log.oldest) {
      end(frame("dropped", { reason: "this reader was too slow", missed: log.newest - cursor }));
      return;
    }
    while (!isBlocked && !signal.aborted) {
      const event = log.at(cursor + 1);
      if (!event) return;
      cursor += 1;
      if (types === undefined || types.has(event.type)) write(frameOf(event, log));
    }
  }

  async function beat(): Promise<void> {
    for (;;) {
      await clock.sleep(HEARTBEAT_MS, signal);
      blockedBeats = isBlocked ? blockedBeats + 1 : 0;
      if (blockedBeats > 1) end(frame("dropped", { reason: "this reader took nothing any more", missed: log.newest - cursor }));
      else if (!isBlocked) write(": still here\n\n");
    }
  }

  const unlisten = log.listen((what) => {
    if (what === "closing") end(frame("closing", {}));
    else pump();
  });
  response.on("drain", () => {
    isBlocked = false;
    if (!signal.aborted) pump();
  });
  response.once("close", stop);
  write(": events follow\n\n");
  if (lastId !== undefined && (!isKnown || cursor + 1 < log.oldest)) {
    write(frame("gap", isKnown ? { missed: log.oldest - cursor - 1 } : { reason: "that id is of another run of the gateway" }));
  }
  cursor = Math.max(cursor, log.oldest - 1);
  pump();
  beat().catch(() => undefined);
}

/** Where a reader stands; nothing beyond what there is. */
function sequenceOf(id: string, { run, newest }: EventLog): number {
  const sequence = Number(id.slice(run.length + 1));
  return Number.isSafeInteger(sequence) && sequence >= 0 ? Math.min(sequence, newest) : 0;
}

function frameOf(event: LoggedEvent, { run }: EventLog): string {
  return `id: ${run}-${event.sequence}\nevent: ${event.type}\ndata: ${event.json()}\n\n`;
}

function frame(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
