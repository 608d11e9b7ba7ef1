import { describe, expect, test } from "vitest";
import { createFirstEventReader } from "./first-event.ts";

/** The first event of a stream that arrives in pieces of the given size. */
function read(text: string, size = text.length) {
  const reader = createFirstEventReader();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) {
    const event = reader.push(bytes.subarray(at, at + size));
    if (event) return event.kind;
  }
  return undefined;
}

describe("the first event that says something", () => {
  test.each<[string, "content" | "error" | undefined]>([
    ['data: {"choices":[]}\n\n', "content"],
    ['data: {"error":{"message":"limited"}}\n\n', "error"],
    ['data: {"error":null,"choices":[]}\n\n', "content"],
    ['event: error\ndata: {"type":"error"}\n\n', "error"],
    ['event: message_start\ndata: {"type":"message_start"}\n\n', "content"],
    ['event: ping\ndata: {"type":"ping"}\n\n', undefined],
    [": keep-alive\n\n: again\n\n", undefined],
    ['event: ping\ndata: {}\n\n: c\n\ndata: {"error":{}}\n\n', "error"],
    ['data: {"choices":[{"delta":{"content":"error: rate limit 429"}}]}\n\n', "content"],
    ["data: plain text\n\n", "content"],
    ["data: {broken\n\n", "content"],
    ['data: {"choices":[]}', undefined],
    ['\uFEFFdata: {"choices":[]}\r\n\r\n', "content"],
  ])("%j is %s", (text, kind) => {
    expect(read(text)).toBe(kind);
    expect(read(text, 1)).toBe(kind);
  });
});
