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

function opensAnswer(event: Fields): boolean {
  const { type, choices, candidates } = event;
  if (openingTypes.has(type)) return true;
  // A block of text or thought begins empty. One that is a tool call says which tool.
  const block = typeof type === "string" ? openedBlock(type, event) : undefined;
  if (block) return block.kinds.has(block.fields["type"]) && contentFields.every((field) => isBlankOrAbsent(block.fields[field]));
  if (Array.isArray(choices)) return choices.every((choice) => isRecord(choice) && opensChoice(choice));
  return Array.isArray(candidates) && candidates.every((candidate) => isRecord(candidate) && opensCandidate(candidate));
}

interface OpenedBlock {
  readonly fields: Fields;
  /** Those that hold what a model says. */
  readonly kinds: ReadonlySet<unknown>;
}

const saidBlocks: ReadonlySet<unknown> = new Set(["text", "thinking"]);
const saidItems: ReadonlySet<unknown> = new Set(["message", "reasoning"]);
const saidParts: ReadonlySet<unknown> = new Set(["output_text", "reasoning_text", "summary_text", "refusal"]);
const contentFields = ["text", "thinking", "content", "summary", "refusal", "encrypted_content", "annotations"] as const;

/** The block that an event of Anthropic's Messages or OpenAI's Responses opens. */
function openedBlock(type: string, { content_block: block, item, part }: Fields): OpenedBlock | undefined {
  if (type === "content_block_start" && isRecord(block)) return { fields: block, kinds: saidBlocks };
  if (type === "response.output_item.added" && isRecord(item)) return { fields: item, kinds: saidItems };
  const isPart = type === "response.content_part.added" || type === "response.reasoning_summary_part.added";
  return isPart && isRecord(part) ? { fields: part, kinds: saidParts } : undefined;
}

/** A candidate of Gemini's that says nothing yet, as the first of an answer that thinks. */
function opensCandidate({ content, finishReason: reason }: Fields): boolean {
  if (reason !== null && reason !== undefined) return false;
  if (content === undefined) return true;
  const parts = isRecord(content) ? (content["parts"] ?? []) : undefined;
  return Array.isArray(parts) && parts.every((part) => isRecord(part) && Object.values(part).every(isBlank));
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

function isBlankOrAbsent(value: unknown): boolean {
  return value === undefined || value === null || isBlank(value);
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
