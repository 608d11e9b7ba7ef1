import { describe, expect, test } from "vitest";
import { createFirstEventReader, errorEventData } from "./first-event.ts";

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
    ['data: {"choices":[{"delta":{"content":"a"}}]}\n\n', "content"],
    ['data: {"error":{"message":"limited"}}\n\n', "error"],
    ['data: {"error":null,"choices":[{"delta":{"content":"a"}}]}\n\n', "content"],
    ['event: error\ndata: {"type":"error"}\n\n', "error"],
    ['data: {"type":"error","code":"rate_limit_exceeded"}\n\n', "error"],
    ['data: {"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}\r\n\r\n', "error"],
    ['event: error\ndata: {"type":"error","code":"server_error","message":"x","param":null}\n\n', "error"],
    ['data: {"type":"response.failed","response":{"error":{"code":"rate_limit_exceeded"}}}\n\n', "error"],
    ['event: ping\ndata: {"type":"ping"}\n\n', undefined],
    [": keep-alive\n\n: again\n\n", undefined],
    ['event: ping\ndata: {}\n\n: c\n\ndata: {"error":{}}\n\n', "error"],
    ['data: {"choices":[{"delta":{"content":"error: rate limit 429"}}]}\n\n', "content"],
    ["data: plain text\n\n", "content"],
    ["data: [DONE]\n\n", "content"],
    ["data: {broken\n\n", "content"],
    ['data: {"id":1}', undefined],
    ['\uFEFFdata: {"id":1}\r\n\r\n', "content"],
  ])("%j is %s", (text, kind) => {
    expect(read(text)).toBe(kind);
    expect(read(text, 1)).toBe(kind);
  });
});

const opening = {
  role: { choices: [{ index: 0, delta: { role: "assistant", content: "", tool_calls: [], refusal: null }, finish_reason: null }] },
  "verdict on the prompt": { choices: [], prompt_filter_results: [{}] },
  message_start: { type: "message_start", message: { role: "assistant", content: [] } },
  "block of text": { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  "block of thought": { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
  "response.created": { type: "response.created", response: { error: null } },
  "response.queued": { type: "response.queued", response: { status: "queued" } },
  "response.in_progress": { type: "response.in_progress", response: { status: "in_progress", output: [] } },
  "a message of Responses": { type: "response.output_item.added", item: { id: "msg_1", type: "message", role: "assistant", content: [] } },
  "a thought of Responses": {
    type: "response.output_item.added",
    item: { id: "rs_1", type: "reasoning", summary: [], encrypted_content: "" },
  },
  "a part of a message": { type: "response.content_part.added", part: { type: "output_text", text: "", annotations: [] } },
  "a part of a summary": { type: "response.reasoning_summary_part.added", part: { type: "summary_text", text: "" } },
  "a candidate of Gemini": {
    candidates: [{ content: { parts: [{ text: "" }], role: "model" }, index: 0 }],
    usageMetadata: { promptTokenCount: 3 },
  },
  "a candidate without parts": { candidates: [{ content: { role: "model" }, index: 0 }], modelVersion: "m" },
};

test.each(Object.entries(opening))("an answer that has merely begun says nothing yet: %s", (_name, data) => {
  const begun = `data: ${JSON.stringify(data)}\n\n`;
  expect(read(begun)).toBeUndefined();
  expect(read(`${begun}data: {"error":{"message":"limited"}}\n\n`)).toBe("error");
  expect(read(`${begun}data: {"choices":[{"delta":{"content":"a"}}]}\n\n`)).toBe("content");
});

test.each<[string, object]>([
  ["text", { choices: [{ delta: { role: "assistant", content: "a" } }] }],
  ["a thought", { choices: [{ delta: { reasoning_content: "a" } }] }],
  ["a tool call", { choices: [{ delta: { role: "assistant", content: null, tool_calls: [{ function: { name: "f" } }] } }] }],
  ["an end", { choices: [{ delta: {}, finish_reason: "stop" }] }],
  ["one choice of two", { choices: [{ delta: { role: "assistant" } }, { delta: { content: "a" } }] }],
  ["a block that is a tool call", { type: "content_block_start", content_block: { type: "tool_use", id: "t", name: "f", input: {} } }],
  ["a block that is not empty", { type: "content_block_start", content_block: { type: "text", text: "a" } }],
  ["what nobody knows", { type: "something.new" }],
  ["a word of Responses", { type: "response.output_text.delta", delta: "a" }],
  ["the end of Responses", { type: "response.completed", response: { status: "completed", error: null } }],
  ["a cut end of Responses", { type: "response.incomplete", response: { error: null } }],
  ["a tool call of Responses", { type: "response.output_item.added", item: { type: "function_call", name: "f", arguments: "" } }],
  [
    "a thought that is there as a whole",
    { type: "response.output_item.added", item: { type: "reasoning", summary: [], encrypted_content: "x" } },
  ],
  ["a part of Responses that is not empty", { type: "response.content_part.added", part: { type: "output_text", text: "a" } }],
  ["a word of Gemini", { candidates: [{ content: { parts: [{ text: "a" }], role: "model" } }] }],
  ["a tool call of Gemini", { candidates: [{ content: { parts: [{ functionCall: { name: "f", args: {} } }] } }] }],
  ["an image of Gemini", { candidates: [{ content: { parts: [{ text: "" }, { inlineData: { data: "aGk=" } }] } }] }],
  ["an end of Gemini", { candidates: [{ content: { parts: [{ text: "" }] }, finishReason: "STOP" }] }],
  ["a refused prompt of Gemini", { promptFeedback: { blockReason: "SAFETY" } }],
])("%s is content", (_name, data) => {
  expect(read(`data: ${JSON.stringify(data)}\n\n`)).toBe("content");
});

test("the data of an error event is known by itself, whole or cut off", () => {
  expect(errorEventData(Buffer.from('event: error\ndata: {"type":"error"}\n\n'))).toBe('{"type":"error"}');
  expect(errorEventData(Buffer.from('data: {"error":{"message":"limited"}}'))).toBe('{"error":{"message":"limited"}}');
  expect(errorEventData(Buffer.from('data: {"choices":[{"delta":{"content":"error"}}]}\n\n'))).toBeUndefined();
});
