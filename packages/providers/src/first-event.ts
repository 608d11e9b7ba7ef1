import { createParser } from "eventsource-parser";

/** The first event of a stream that says something: content, or an error. */
export interface FirstEvent {
  readonly kind: "content" | "error";
  readonly data: string;
}

/**
 * Watches the beginning of an event stream. Comments, pings, and events that only open the answer (its id, its role) say
 * nothing; until something else arrives the request can still be moved to another credential.
 */
export function createFirstEventReader(): { push(chunk: Uint8Array): FirstEvent | undefined } {
  const decoder = new TextDecoder();
  let first: FirstEvent | undefined;
  const parser = createParser({
    onEvent(event) {
      const kind = first ? undefined : kindOf(event.event, event.data);
      if (kind !== undefined) first = { kind, data: event.data };
    },
  });
  return {
    push(chunk) {
      parser.feed(decoder.decode(chunk, { stream: true }));
      return first;
    },
  };
}

const END_OF_EVENT = Buffer.from("\n\n");

/** The data of an event, given as its bytes in the stream, where it is an error. */
export function errorEventData(event: Uint8Array): string | undefined {
  const reader = createFirstEventReader();
  const first = reader.push(event) ?? reader.push(END_OF_EVENT);
  return first?.kind === "error" ? first.data : undefined;
}

/** Nothing for an event that says nothing. */
function kindOf(name: string | undefined, data: string): FirstEvent["kind"] | undefined {
  if (name === "ping" || data === "") return undefined;
  if (name === "error") return "error";
  const value = readObject(data);
  if (!value) return "content";
  if (isError(value)) return "error";
  return opensAnswer(value) ? undefined : "content";
}

/** OpenAI-compatible servers send `data: {"error": ...}`; others name the event in its data. */
function isError({ error, type }: Fields): boolean {
  return (error !== null && error !== undefined) || type === "error" || type === "response.failed";
}

const openingTypes: ReadonlySet<unknown> = new Set([
  "ping",
  "message_start",
  "response.created",
  "response.queued",
  "response.in_progress",
]);

function opensAnswer({ type, choices, content_block: block }: Fields): boolean {
  if (openingTypes.has(type)) return true;
  // A block of text or thought begins empty. One that is a tool call says which tool.
  if (type === "content_block_start") return isRecord(block) && (isBlank(block["text"]) || isBlank(block["thinking"]));
  return Array.isArray(choices) && choices.every((choice) => isRecord(choice) && opensChoice(choice));
}

/** A choice of Chat Completions that has a role and nothing else yet. */
function opensChoice({ delta, finish_reason: reason }: Fields): boolean {
  if ((reason !== null && reason !== undefined) || !isRecord(delta)) return false;
  return Object.entries(delta).every(([name, value]) => name === "role" || isBlank(value) || value === null);
}

type Fields = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isBlank(value: unknown): boolean {
  return value === "" || (Array.isArray(value) && value.length === 0);
}

function readObject(data: string): Fields | undefined {
  if (!data.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(data);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
