import { describe, expect, test } from "vitest";
import { createJsonBeginning } from "./json-beginning.ts";

const hidden = (body: string) => body.includes('"status_code":1002');
const padding = "x".repeat(200);

/** Whether a body is an error, and how many of its bytes it took to tell; all of them where the end did. */
function judge(body: string, { length, isHidden }: { readonly length?: number; readonly isHidden?: (body: string) => boolean } = {}) {
  const beginning = createJsonBeginning(length === undefined ? undefined : String(length), isHidden);
  let taken = 0;
  for (const byte of Buffer.from(body)) {
    taken += 1;
    if (beginning.push(Uint8Array.of(byte))) break;
  }
  return { isError: beginning.isError(() => body), taken, isEmpty: beginning.isEmpty() };
}

describe("an error at the beginning of a body", () => {
  test.each([
    [`{"error":{"message":"no"},"padding":"${padding}"}`, true],
    [`\r\n\r\n [ { "error" : "no" }, "${padding}"]`, true],
    [`{"type":"error","error":{}}`, true],
    [`{"error":null,"choices":["${padding}"]}`, false],
    [`{"id":"1","choices":[{"message":{"content":"{\\"error\\":1}"}}],"padding":"${padding}"}`, false],
    ["", false],
  ])("%s", (body, isError) => {
    const { taken, ...found } = judge(body);
    expect(found).toEqual({ isError, isEmpty: body === "" });
    // All of an error is read, and no more of what is none than it takes.
    expect(taken).toBe(isError ? body.length : Math.min(body.length, 128));
  });

  test("bytes are no copies of what they are a part of", () => {
    const all = Buffer.from(`zzz{"error":1}`);
    const beginning = createJsonBeginning(undefined, undefined);
    beginning.push(all.subarray(3));
    expect(beginning.isError(() => "")).toBe(true);
  });
});

describe("a provider that hides its errors", () => {
  const refused = `{"id":"1","choices":null,"padding":"${padding}","base_resp":{"status_code":1002}}`;

  test("is judged by the whole of a small body", () => {
    expect(judge(refused, { length: refused.length, isHidden: hidden })).toMatchObject({ isError: true, taken: refused.length });
    const good = refused.replace("1002", "0");
    expect(judge(good, { length: good.length, isHidden: hidden })).toMatchObject({ isError: false, taken: good.length });
  });

  test.each([undefined, 64 * 1024])("holds nothing back of a body of %s bytes", (length) => {
    expect(judge(refused, { ...(length !== undefined && { length }), isHidden: hidden })).toMatchObject({ isError: false, taken: 128 });
  });
});
