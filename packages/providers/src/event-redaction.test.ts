import { createRedactor, Secret } from "@openclaw/secrets";
import { anthropicStream, openaiError, openaiStream, sseEvent } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { createEventRedaction } from "./event-redaction.ts";

const KEY = "test-key-one";
const BASE64 = Buffer.from(KEY).toString("base64");

function redactorOf(...keys: string[]) {
  const redactor = createRedactor();
  for (const key of keys) redactor.add(Secret.of(key));
  return redactor;
}

function redact(pieces: readonly string[]): string {
  const stream = createEventRedaction(redactorOf(KEY));
  return Buffer.concat([...pieces.map((piece) => stream.push(Buffer.from(piece, "latin1"))), stream.end()]).toString("latin1");
}

const before = openaiStream(["one"])[0] ?? "";

describe("an error event is redacted in every form of the value", () => {
  test.each([
    ["of OpenAI", sseEvent(openaiError(`bad key ${KEY}, ${BASE64}`))],
    ["of Anthropic", sseEvent({ type: "error", error: { type: "authentication_error", message: `${KEY} ${BASE64}` } }, "error")],
    ["known by its name alone", `event:error\ndata: ${KEY}\n\n`],
    ["with its name after its data", `data: ${KEY} ${BASE64}\nevent: error\n\n`],
    ["behind a mark of byte order", `\u00EF\u00BB\u00BFevent: error\ndata: ${KEY}\n\n`],
    ["in a choice", sseEvent({ choices: [{ error: { message: `${KEY} ${BASE64}` } }] })],
    ["that is a type", sseEvent({ type: "error", message: `${KEY} ${BASE64}` })],
    ["with line ends of two bytes", `event: error\r\ndata: ${KEY} ${BASE64}\r\n\r\n`],
    ["with line ends of the third kind", `event: error\rdata: ${KEY} ${BASE64}\r\r`],
    ["without an end", `data: {"error": "${KEY} ${BASE64}`],
  ])("%s", (_name, event) => {
    const text = before + event + before;
    const expected = text.replaceAll(KEY, "[redacted]").replaceAll(BASE64, "[redacted]");
    expect(redact([text])).toBe(expected);
    expect(redact([...text])).toBe(expected);
    for (let at = 0; at <= text.length; at += 1) expect(redact([text.slice(0, at), text.slice(at)])).toBe(expected);
  });
});

describe("any other event passes as it came", () => {
  test.each([
    ["content that holds a value", sseEvent({ choices: [{ delta: { content: `${KEY} ${BASE64}` } }] })],
    ["content that speaks of an error", sseEvent({ choices: [{ delta: { content: `an "error": ${BASE64}` } }] })],
    ["an error that is none", `data: {"error": null, "id": "${BASE64}"}\n\n`],
    ["a comment", `: error ${BASE64}\n\n`],
  ])("%s", (_name, event) => {
    expect(redact([before + event + before])).toBe(before + event + before);
    expect(redact([...(before + event + before)])).toBe(before + event + before);
  });

  test("beside an error in the same chunk", () => {
    const content = sseEvent({ choices: [{ delta: { content: BASE64 } }] });
    expect(redact([content + sseEvent(openaiError(BASE64)) + content])).toBe(content + sseEvent(openaiError("[redacted]")) + content);
  });
});

describe("nothing waits that could be given out", () => {
  test("chunks of whole events are the same buffers", () => {
    const stream = createEventRedaction(redactorOf(KEY));
    for (const text of [...openaiStream(["one", "an error"]), ...anthropicStream(["two"]), sseEvent(openaiError("no key in here"))]) {
      const chunk = Buffer.from(text);
      expect(stream.push(chunk)).toBe(chunk);
    }
    expect(stream.end()).toHaveLength(0);
  });

  test("an event is given out with its last byte, its beginning is held", () => {
    const stream = createEventRedaction(redactorOf(KEY));
    expect(stream.push(Buffer.from(`${before}data: {"cho`)).toString()).toBe(before);
    expect(stream.push(Buffer.from('ices":[]}\n'))).toHaveLength(0);
    expect(stream.push(Buffer.from("\n")).toString()).toBe('data: {"choices":[]}\n\n');
  });
});

describe("an event larger than 64 KiB", () => {
  const filler = "x".repeat(1024);
  const large = (text: string) => [`data: {"content":"`, ...Array.from({ length: 70 }, () => filler), text, `"}\n\n`];

  test("is not held any longer", () => {
    const stream = createEventRedaction(redactorOf(KEY));
    const pieces = large("").map((piece) => stream.push(Buffer.from(piece)).length);
    expect(Math.max(...pieces)).toBeLessThan(66 * 1024);
    expect(pieces[66]).toBe(1024);
  });

  test("is redacted whatever it is, up to its end", () => {
    const pieces = [...large(`${KEY} ${BASE64}`), sseEvent({ content: BASE64 })];
    expect(redact(pieces)).toBe(pieces.join("").replace(KEY, "[redacted]").replace(BASE64, "[redacted]"));
    const split = [...large(KEY.slice(0, 5)).slice(0, -1), ...KEY.slice(5), '"}\n', "\n"];
    expect(redact(split)).toBe(split.join("").replace(KEY, "[redacted]"));
  });

  test("that never ends is redacted to its last byte", () => {
    expect(redact([filler.repeat(70), "test-key-", "one"])).toBe(`${filler.repeat(70)}[redacted]`);
  });
});

test("who asks is told the data of each error event, and of nothing else", () => {
  const told: string[] = [];
  const stream = createEventRedaction(redactorOf(KEY), (data) => told.push(data));
  const said = sseEvent({ choices: [{ delta: { content: "error" } }] });
  const events = [before, said, sseEvent(openaiError(`bad key ${KEY}`)), sseEvent({ type: "error" }, "error"), said].join("");
  for (const byte of Buffer.from(events)) stream.push(Buffer.of(byte));
  stream.end();
  expect(told).toEqual([JSON.stringify(openaiError("bad key [redacted]")), '{"type":"error"}']);
});
