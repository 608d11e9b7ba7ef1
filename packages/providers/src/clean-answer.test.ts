import { inspect } from "node:util";
import { createRedactor, Secret } from "@openclaw/secrets";
import { describe, expect, test } from "vitest";
import { cleanHeaders, cleanThrown, redactionOf } from "./clean-answer.ts";

const key = "test-key-one";
const base64 = Buffer.from(key).toString("base64");
const redactor = createRedactor();
redactor.add(Secret.of(key));

describe("headers", () => {
  test("without a value are the same", () => {
    const headers = new Headers({ "x-request-id": "1" });
    expect(cleanHeaders(headers, redactor)).toBe(headers);
  });

  test("with one are cleaned, each cookie by itself", () => {
    const headers = new Headers([
      ["x-echo", `Bearer ${key}`],
      [`x-${key}`, "1"],
      ["set-cookie", `a=${base64}`],
      ["set-cookie", "b=2"],
    ]);
    expect([...cleanHeaders(headers, redactor)]).toEqual([
      ["set-cookie", "a=[redacted]"],
      ["set-cookie", "b=2"],
      ["x-echo", "Bearer [redacted]"],
    ]);
  });
});

describe("bodies", () => {
  const pass = (kind: Parameters<typeof redactionOf>[0], text: string, sent = key) => {
    const through = redactionOf(kind, { redactor, sent: Secret.of(sent) });
    return through ? Buffer.concat([through.push(Buffer.from(text)), through.end()]).toString() : text;
  };

  test("errors lose every known value in all its forms", () => {
    expect(pass("error", `${key} ${base64}`, "test-key-two")).toBe("[redacted] [redacted]");
  });

  test("successful ones lose the key that was sent, as it is", () => {
    expect(pass("other", `${key} ${base64}`)).toBe(`[redacted]** ${base64}`);
    expect(pass("other", `${key}`, "test-key-two")).toBe(key);
  });

  test("streams lose both, each in its place", () => {
    const content = `data: {"text":"${key} ${base64}"}\n\n`;
    const error = `data: {"error":{"message":"${key} ${base64}"}}\n\n`;
    expect(pass("events", content + error)).toBe(
      `data: {"text":"[redacted]** ${base64}"}\n\ndata: {"error":{"message":"[redacted] [redacted]"}}\n\n`,
    );
  });
});

describe("what is thrown", () => {
  test("without a value is the same", () => {
    const error = new TypeError("fetch failed", { cause: Object.assign(new Error("gone"), { code: "ECONNRESET" }) });
    expect(cleanThrown(error, redactor)).toBe(error);
    expect(cleanThrown("gone", redactor)).toBe("gone");
  });

  test("with one anywhere in it is said again without, class and code kept", () => {
    const cause = Object.assign(new Error(`bad header ${key}`), { code: "HPE_INVALID", data: key });
    const clean = cleanThrown(new TypeError("fetch failed", { cause }), redactor);
    expect(clean).toBeInstanceOf(TypeError);
    expect(clean).toMatchObject({ message: "fetch failed", cause: { message: "bad header [redacted]", code: "HPE_INVALID" } });
    expect(inspect(clean, { depth: 9, showHidden: true })).not.toContain(key);
  });

  test("that is no error is not said again", () => {
    expect(cleanThrown({ raw: key }, redactor)).toEqual(new Error("fetch failed"));
  });
});
