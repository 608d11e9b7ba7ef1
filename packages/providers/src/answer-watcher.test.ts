import { describe, expect, test } from "vitest";
import { watcherFor } from "./answer-watcher.ts";

interface Seen {
  readonly kind: string;
  readonly isError: boolean;
  readonly text?: string;
  /** Bytes after which it was enough; all of them and more were asked for otherwise. */
  readonly enoughAt?: number;
}

function watch(status: number, type: string, text: string, size = text.length): Seen {
  const watcher = watcherFor(status, new Headers({ "content-type": type }));
  const bytes = Buffer.from(text);
  for (let at = 0; watcher.isEnough && at < bytes.length; at += size) {
    const end = Math.min(bytes.length, at + size);
    if (watcher.isEnough(bytes.subarray(at, end))) return { ...watcher.judge(bytes.subarray(0, end)), enoughAt: end };
  }
  return watcher.judge(bytes);
}

const json = "application/json; charset=utf-8";
const error = '{"error":{"message":"limited","code":429}}';
const long = `{"id":"${"x".repeat(500)}","error":{"code":429}}`;

describe("what an answer turns out to be", () => {
  test.each([400, 429, 500, 503, 999])("status %d is an error, all of it", (status) => {
    expect(watch(status, json, error, 1)).toEqual({ kind: "error", isError: true, hasStatus: true, text: error });
  });

  test.each<[string, string, boolean, number | undefined]>([
    ["an error object", error, true, undefined],
    ["with blanks and blank lines before it", `\n\n  { "error" : { "code": 429 } }`, true, undefined],
    ["in a list", `[${error}]`, true, undefined],
    ["Anthropic's", '{"type":"error","error":{"type":"overloaded_error"}}', true, undefined],
    ["a large one", `{"error":{"message":"${"x".repeat(1000)}"}}`, true, undefined],
    ["an error that is null", `{"error":null,"choices":["${"x".repeat(200)}"]}`, false, 200],
    ["a completion", long, false, 200],
    ["a short one", '{"id":1}', false, undefined],
    ["a text", '"error"', false, undefined],
  ])("JSON with status 200: %s", (_, text, isError, enoughAt) => {
    const kind = isError ? "error" : "other";
    expect(watch(200, json, text, 1)).toMatchObject({ isError, kind });
    const seen = watch(200, json, text, 200);
    expect([seen.isError, seen.kind, seen.enoughAt]).toEqual([isError, kind, enoughAt]);
  });

  test("blank lines that keep a connection alive say nothing", () => {
    expect(watch(200, json, `${"\n".repeat(1000)}${error}`, 7)).toMatchObject({ isError: true });
  });

  test("an event stream is watched to its first event, and its status does not count", () => {
    const ping = ": keep-alive\n\n";
    expect(watch(200, "text/event-stream", `${ping}data: ${error}\n\n`, 1)).toMatchObject({
      kind: "events",
      isError: true,
      hasStatus: false,
      text: error,
    });
    expect(watch(200, "Text/Event-Stream", `${ping}data: {"choices":[{"delta":{"content":"hi"}}]}\n\ndata: ${error}\n\n`, 1)).toMatchObject(
      {
        kind: "events",
        isError: false,
      },
    );
  });

  test.each(["text/html", "application/octet-stream", "audio/mpeg", "application/jsonp", ""])("of %j nothing is read", (type) => {
    expect(watcherFor(200, new Headers(type === "" ? {} : { "content-type": type })).isEnough).toBeUndefined();
  });

  test.each(["application/json", "application/problem+json", "APPLICATION/JSON;x=1"])("%s is JSON", (type) => {
    expect(watcherFor(200, new Headers({ "content-type": type })).isEnough).toBeDefined();
  });
});
