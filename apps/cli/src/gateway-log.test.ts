import type { EventLevel, GatewayEvent } from "@openclaw/gateway";
import { expect, test } from "vitest";
import { createGatewayLog, type LogFormat } from "./gateway-log.ts";

function write(format: LogFormat, event: GatewayEvent, level: EventLevel = "info"): readonly string[] {
  const lines: string[] = [];
  const log = createGatewayLog({
    format,
    level,
    io: { out: (text) => void lines.push(text), err: (text) => void lines.push(text), secret: () => undefined },
    now: () => 0,
    backlog: () => 0,
    redact: (text) => text.replaceAll("test-key-one", "[redacted]"),
  });
  log.event(event, { ...event });
  return lines;
}

const refused: GatewayEvent = { type: "refused", status: 404, code: "model_not_found", message: 'no "test-key-one"', requestId: "1" };

test.each<LogFormat>(["text", "json"])("what the gateway alone knows to be secret is in no line of %s", (format) => {
  const [line, ...rest] = write(format, refused);
  expect(rest).toEqual([]);
  expect(line).toContain("[redacted]");
  expect(line).not.toContain("test-key-one");
});

test("an object has the event, its members and its words", () => {
  expect(JSON.parse(write("json", refused)[0] ?? "")).toEqual({
    level: 30,
    time: expect.any(String),
    event: "refused",
    status: 404,
    code: "model_not_found",
    message: 'no "[redacted]"',
    requestId: "1",
    msg: 'refused with 404 model_not_found: no "[redacted]"',
  });
});

test("a request is a line for programs alone, and only where it is asked for", () => {
  const request: GatewayEvent = {
    type: "request",
    id: "1",
    method: "GET",
    route: "/v1/models",
    client: "admin",
    status: 200,
    durationMs: 1,
  };
  expect([write("json", request).length, write("text", request, "debug").length, write("json", request, "debug").length]).toEqual([
    0, 0, 1,
  ]);
});

test("the stack of a bug is told", () => {
  const [line = ""] = write("json", { type: "internal", error: new Error("broken") });
  expect(JSON.parse(line)).toMatchObject({ level: 50, event: "internal", stack: expect.stringContaining("gateway-log.test.ts") });
});
