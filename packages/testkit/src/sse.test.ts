import { expect, test } from "vitest";
import { anthropicMessage, anthropicStream, openaiCompletion, openaiStream, sseEvent } from "./sse.ts";

const dataOf = (chunk: string) => /^data: (.*)$/m.exec(chunk)?.[1] ?? "";

test("an event is its name, one line of data and a blank line", () => {
  expect(sseEvent("[DONE]")).toBe("data: [DONE]\n\n");
  expect(sseEvent({ type: "ping" }, "ping")).toBe('event: ping\ndata: {"type":"ping"}\n\n');
});

test("an OpenAI stream says the words, finishes and ends with [DONE]", () => {
  const chunks = openaiStream(["Hello", " world"]);
  expect(chunks.at(-1)).toBe("data: [DONE]\n\n");
  const choices = chunks.slice(0, -1).map((chunk) => JSON.parse(dataOf(chunk)).choices[0]);
  expect(choices.map((choice) => choice.delta.content ?? "").join("")).toBe("Hello world");
  expect(choices.map((choice) => choice.finish_reason)).toEqual([null, null, null, "stop"]);
});

test("an Anthropic stream names each event as its data does", () => {
  const chunks = anthropicStream(["Hello", " world"]);
  const events = chunks.map((chunk) => JSON.parse(dataOf(chunk)));
  expect(chunks.map((chunk) => /^event: (.*)$/m.exec(chunk)?.[1])).toEqual(events.map((event) => event.type));
  expect(events.map((event) => event.delta?.text ?? "").join("")).toBe("Hello world");
  expect(events.at(0).type).toBe("message_start");
  expect(events.at(-1).type).toBe("message_stop");
});

test("whole answers carry the text where each API has it", () => {
  expect(openaiCompletion("hi")).toMatchObject({ choices: [{ message: { content: "hi" } }] });
  expect(anthropicMessage("hi")).toMatchObject({ content: [{ type: "text", text: "hi" }] });
});
