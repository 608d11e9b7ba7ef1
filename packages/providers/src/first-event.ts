import { createParser } from "eventsource-parser";

/** The first event of a stream that says something: content, or an error. */
export interface FirstEvent {
  readonly kind: "content" | "error";
  readonly data: string;
}

/**
 * Watches the beginning of an event stream. Comments and pings say nothing; until something else
 * arrives the request can still be moved to another credential.
 */
export function createFirstEventReader(): { push(chunk: Uint8Array): FirstEvent | undefined } {
  const decoder = new TextDecoder();
  let first: FirstEvent | undefined;
  const parser = createParser({
    onEvent(event) {
      if (event.event === "ping" || event.data === "") return;
      first ??= { kind: isError(event.event, event.data) ? "error" : "content", data: event.data };
    },
  });
  return {
    push(chunk) {
      parser.feed(decoder.decode(chunk, { stream: true }));
      return first;
    },
  };
}

/** Anthropic names the event `error`; OpenAI-compatible servers send `data: {"error": ...}`. */
function isError(name: string | undefined, data: string): boolean {
  if (name === "error") return true;
  if (!data.startsWith("{")) return false;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null && "error" in value && value.error !== null && value.error !== undefined;
  } catch {
    return false;
  }
}
