import type { RedactionStream, Redactor } from "@openclaw/secrets";
import { lastBoundary, lastTwo, nextBoundary } from "./event-boundary.ts";
import { errorEventData } from "./first-event.ts";

/** An event is held this far at most. */
const HOLD_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);
const HINT = Buffer.from("error");

/**
 * Redacts the error events of an event stream, wherever they stand; every other event passes as the bytes it
 * came in. What is held is an event that is not complete, of which no client could make anything anyway.
 *
 * An event of more than 64 KiB is not held: it passes the redactor piece by piece, whatever it is, together
 * with the events that share its last chunk.
 *
 * @param onError Told the data of each error event that is held as a whole, without known values.
 */
export function createEventRedaction(redactor: Redactor, onError?: (data: string) => void): RedactionStream {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let before: readonly [number, number] = [0, 0];
  /** Through which an event goes that is too large to be held. */
  let large: RedactionStream | undefined;

  function takeHeld(last: Buffer): Buffer {
    const bytes = held.length === 0 ? last : Buffer.concat([...held, last]);
    held = [];
    heldBytes = 0;
    return bytes;
  }

  function hold(rest: Buffer): Buffer {
    if (rest.length === 0) return NOTHING;
    held.push(rest);
    heldBytes += rest.length;
    if (heldBytes <= HOLD_BYTES) return NOTHING;
    large = redactor.stream();
    return large.push(takeHeld(NOTHING));
  }

  function complete(events: Buffer): Buffer {
    if (large === undefined) return redactErrors(takeHeld(events), redactor, onError);
    const output = join(large.push(events), large.end());
    large = undefined;
    return output;
  }

  return {
    push(bytes) {
      const chunk = asBuffer(bytes);
      const end = lastBoundary(chunk, before);
      before = lastTwo(chunk, before);
      if (end === 0) return large?.push(chunk) ?? hold(chunk);
      const output = complete(end === chunk.length ? chunk : chunk.subarray(0, end));
      return end === chunk.length ? output : join(output, hold(chunk.subarray(end)));
    },
    end: () => complete(NOTHING),
  };
}

/** The same buffer where no event is an error, or none holds a value. */
function redactErrors(events: Buffer, redactor: Redactor, onError: ((data: string) => void) | undefined): Buffer {
  if (!events.includes(HINT)) return events;
  const pieces: Buffer[] = [];
  let isChanged = false;
  for (let start = 0; start < events.length;) {
    const end = nextBoundary(events, start);
    const event = events.subarray(start, end);
    const isSuspect = mayBeError(event);
    const output = isSuspect ? redactor.bytes(event) : event;
    const data = isSuspect && onError ? errorEventData(output) : undefined;
    if (data !== undefined) onError?.(data);
    isChanged ||= output !== event;
    pieces.push(output);
    start = end;
  }
  return isChanged ? Buffer.concat(pieces) : events;
}

/**
 * Anthropic names the event `error`; OpenAI-compatible servers send `data: {"error": ...}`, some further down.
 * In JSON the text `"error"` is a member or a value: inside a string its quotes are escaped. Other events that
 * hold it are redacted for nothing, but none is missed.
 */
function mayBeError(event: Buffer): boolean {
  if (!event.includes(HINT)) return false;
  const text = event.toString("latin1");
  return /(?:^(?:\xEF\xBB\xBF)?|[\r\n])event:[^\r\n]*error/.test(text) || /"error"(?!\s*:\s*null\b)/.test(text);
}

function join(first: Buffer, second: Buffer): Buffer {
  if (second.length === 0) return first;
  return first.length === 0 ? second : Buffer.concat([first, second]);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
