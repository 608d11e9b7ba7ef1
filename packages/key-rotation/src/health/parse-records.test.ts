import { describe, expect, test } from "vitest";
import { isRecord, parseRecords } from "./parse-records.ts";

function parse(text: string) {
  const json: unknown = JSON.parse(text);
  if (!isRecord(json)) throw new Error("no object");
  return parseRecords(json);
}

test("what the format says is read", () => {
  const records = parse(`{
    "version": 1,
    "credentials": {
      "anthropic:work": {
        "lastUsed": 50,
        "generation": 3,
        "windows": { "*": { "until": 900, "reason": "billing", "count": 2 }, "claude": { "until": 700, "reason": "rate_limit", "count": 1 } }
      },
      "#0011aabb": { "windows": {} }
    },
    "lastGood": { "anthropic": "anthropic:work" }
  }`);
  expect(Object.fromEntries(records.credentials)).toEqual({
    "anthropic:work": {
      lastUsed: 50,
      windows: { "*": { until: 900, reason: "billing", count: 2 }, claude: { until: 700, reason: "rate_limit", count: 1 } },
    },
    "#0011aabb": { windows: {} },
  });
  expect(records.lastGood).toEqual({ anthropic: "anthropic:work" });
});

describe("what makes no sense is passed over", () => {
  test.each(['{"credentials":{"a":7}}', '{"credentials":{"a":[]}}', '{"credentials":{"a":null}}', '{"credentials":null}', "{}"])(
    "%s holds no credential",
    (text) => {
      expect(parse(text).credentials.size).toBe(0);
    },
  );

  test.each(['{"until":"soon"}', '{"until":null}', '{"until":-1}', '{"until":1e400}', '{"reason":"billing"}', "7", "null", "[]"])(
    "%s is no window",
    (text) => {
      expect(parse(`{"credentials":{"a":{"lastUsed":5,"windows":{"m":${text}}}}}`).credentials.get("a")).toEqual({
        lastUsed: 5,
        windows: {},
      });
    },
  );

  test.each(["7", "null", "[1]", '"text"'])("windows that are %s are none, and the rest of the entry counts", (text) => {
    expect(parse(`{"credentials":{"a":{"lastUsed":5,"windows":${text}}}}`).credentials.get("a")).toEqual({ lastUsed: 5, windows: {} });
  });

  test.each(['"yesterday"', "0", "-3", "1e400", "null"])("used at %s is not known to be used", (text) => {
    expect(parse(`{"credentials":{"a":{"lastUsed":${text},"windows":{}}}}`).credentials.get("a")).toEqual({ windows: {} });
  });

  test("who was good last is a text", () => {
    expect(parse('{"lastGood":{"p":"a","q":7,"r":"","s":null}}').lastGood).toEqual({ p: "a" });
    expect(parse('{"lastGood":[]}').lastGood).toEqual({});
  });
});

test.each([
  ['"reason":"billing"', { reason: "billing", count: 1 }],
  ['"count":3', { reason: "unknown", count: 3 }],
  ['"reason":7,"count":"many"', { reason: "unknown", count: 1 }],
  ['"reason":"","count":0', { reason: "unknown", count: 1 }],
  ['"reason":"later","count":2.7', { reason: "later", count: 2 }],
  ['"reason":"later","count":1e400', { reason: "later", count: 1 }],
])("a window with %s is a window", (fields, expected) => {
  expect(parse(`{"credentials":{"a":{"windows":{"m":{"until":9,${fields}}}}}}`).credentials.get("a")?.windows["m"]).toEqual({
    until: 9,
    ...expected,
  });
});

test("names that objects inherit are names like any other", () => {
  const { credentials, lastGood } = parse(
    '{"credentials":{"__proto__":{"windows":{"__proto__":{"until":9,"reason":"rate_limit","count":1}}}},"lastGood":{"__proto__":"constructor"}}',
  );
  expect(Object.entries(credentials.get("__proto__")?.windows ?? {})).toEqual([
    ["__proto__", { until: 9, reason: "rate_limit", count: 1 }],
  ]);
  expect(Object.entries(lastGood)).toEqual([["__proto__", "constructor"]]);
  expect(credentials.get("__proto__")?.windows["constructor"]).toBeUndefined();
  expect(Object.hasOwn(Object.prototype, "until")).toBe(false);
});
