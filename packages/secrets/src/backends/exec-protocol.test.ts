import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatRequest, readAnswer, splitIntoBatches } from "./exec-protocol.ts";

const CANARY = "test-canary";
const NOW = Date.UTC(2026, 0, 1);
const read = (output: string | Buffer, ids: readonly string[] = ["a"], acceptsText = false) =>
  readAnswer(Buffer.from(output), ids, { acceptsText, now: NOW });
const answer = (value: object) => read(JSON.stringify({ protocolVersion: 1, values: { a: CANARY }, ...value }));
const one = (result: ReturnType<typeof read>) => (result instanceof Map ? result.get("a") : result);

test("the request is one line of JSON", () => {
  expect(formatRequest("vault", ["a", "b/c"])).toBe('{"protocolVersion":1,"provider":"vault","ids":["a","b/c"]}');
});

test("answers what was asked, and looks at nothing else", () => {
  const output = `{"protocolVersion":1,"values":{"a":"one","b":"two","x":7,"__proto__":"p"},"errors":{},"more":{"b":1}}\r\n`;
  expect(read(output, ["a", "b", "c", "constructor"])).toEqual(
    new Map([
      ["a", { value: "one" }],
      ["b", { value: "two" }],
      ["c", { problem: "the command's answer does not hold this id" }],
      ["constructor", { problem: "the command's answer does not hold this id" }],
    ]),
  );
});

describe("what is no answer is refused by size and kind [X11]", () => {
  test.each<[string, string | Buffer, string]>([
    ["invalid JSON", `{"a":${CANARY}}`, "(17 bytes, the first an opening brace) is not one JSON object"],
    ["a bare secret", CANARY, "(11 bytes, the first a letter) is not one JSON object"],
    ["digits", "0123", "(4 bytes, the first a digit) is not one JSON object"],
    ["nothing", "", "(empty) is not one JSON object"],
    ["a line end alone", "\r\n", "(2 bytes, the first white space) is not one JSON object"],
    ["null", "null", "(4 bytes, the first a letter) is not one JSON object"],
    ["a list", `["${CANARY}"]`, "(15 bytes, the first a sign) is not one JSON object"],
    ["text after it", `{"protocolVersion":1,"values":{}} ${CANARY}`, "(45 bytes, the first an opening brace) is not one JSON object"],
    ["two documents", `{"protocolVersion":1}{"values":{}}`, "(34 bytes, the first an opening brace) is not one JSON object"],
    [
      "a log line before it",
      `{"level":"info"}\n{"protocolVersion":1,"values":{}}`,
      "(50 bytes, the first an opening brace) is not one JSON object",
    ],
    [
      "a byte order mark",
      '\uFEFF{"protocolVersion":1,"values":{}}',
      "(36 bytes, the first neither ASCII nor printable) is not one JSON object",
    ],
    ["a name twice", '{"protocolVersion":1,"values":{"a":"x","a":"y"}}', "(48 bytes, the first an opening brace) is not one JSON object"],
    ["bytes that are not UTF-8", Buffer.from("7bff7d", "hex"), "(3 bytes, the first an opening brace) is not UTF-8 text"],
    ["no values", '{"protocolVersion":1}', "(21 bytes, the first an opening brace) has no values"],
    ["values in a list", '{"protocolVersion":1,"values":[]}', "(33 bytes, the first an opening brace) has no values"],
    [
      "errors in a list",
      '{"protocolVersion":1,"values":{},"errors":[]}',
      "(45 bytes, the first an opening brace) has errors or expiresAt that are not objects",
    ],
  ])("%s", (_, output, problem) => {
    expect(read(output)).toEqual({ problem: `the output ${problem}` });
  });

  test("white space around it and Windows line ends are JSON", () => {
    expect(one(read('\r\n{\r\n"protocolVersion":1,\r\n"values":{"a":"x"}}\r\n'))).toEqual({ value: "x" });
  });
});

test.each(["1", "1.0", "1e0"])("protocolVersion %s is the number 1 [X12]", (version) => {
  expect(one(read(`{"protocolVersion":${version},"values":{"a":"x"}}`))).toEqual({ value: "x" });
});

test.each(["0", "2", "1.5", '"1"', "true", "null", "[1]"])("protocolVersion %s is refused [X12]", (version) => {
  const result = one(read(`{"protocolVersion":${version},"values":{"a":"x"}}`));
  expect(result).toEqual({ problem: expect.stringContaining("is not of protocolVersion 1") });
});

test("a missing protocolVersion is refused [X12]", () => {
  expect(read('{"values":{"a":"x"}}')).toEqual({ problem: expect.stringContaining("is not of protocolVersion 1") });
});

describe("what the command says of an error is not passed on [X14]", () => {
  test.each<[string, unknown]>([
    ["the secret", { message: CANARY }],
    ["escape codes", { message: `\u001b[31m${CANARY}` }],
    ["a megabyte", { message: CANARY.repeat(100_000) }],
    ["a forged log line", { message: `x\n2026-01-01 INFO ${CANARY}` }],
    ["a text", CANARY],
    ["null", null],
    ["a number", 7],
  ])("%s", (_, error) => {
    expect(one(answer({ errors: { a: error } }))).toEqual({ problem: "the command reports an error for this id" });
  });
});

describe("an expiry is read", () => {
  test.each<[string, unknown, number | undefined]>([
    ["epoch milliseconds", NOW + 1, NOW + 1],
    ["RFC 3339", "2026-01-01T00:00:01Z", NOW + 1_000],
    ["RFC 3339 with an offset and a fraction", "2026-01-01t02:00:01.5+02:00", NOW + 1_500],
    ["null", null, undefined],
  ])("%s", (_, expiresAt, expected) => {
    expect(one(answer({ expiresAt: { a: expiresAt, b: 1 } }))).toEqual(
      expected === undefined ? { value: CANARY } : { value: CANARY, expiresAt: expected },
    );
  });

  test.each<[string, unknown, string]>([
    ["this very moment", NOW, "expired before it came"],
    ["seconds", NOW / 1_000 + 3_600, "expired before it came"],
    ["a date", "2026-01-02", "neither"],
    ["a time that is none", "2026-13-01T00:00:00Z", "neither"],
    ["words", "tomorrow", "neither"],
    ["a number as text", String(NOW + 1), "neither"],
    ["more than a number holds", "1e400", "neither"],
    ["an object", { canary: CANARY }, "neither"],
  ])("%s is refused", (_, expiresAt, problem) => {
    const result = one(answer({ expiresAt: { a: expiresAt } }));
    expect(result).toEqual({ problem: expect.stringContaining(problem) });
    expect(JSON.stringify(result)).not.toContain(CANARY);
  });

  test("1e400 is no time", () => {
    expect(one(read('{"protocolVersion":1,"values":{"a":"x"},"expiresAt":{"a":1e400}}'))).toEqual({
      problem: expect.stringContaining("neither"),
    });
  });
});

test.each([["7"], ["null"], ["true"], ['{"v":"test-canary"}'], ['["test-canary"]']])("the value %s is no text", (value) => {
  expect(one(read(`{"protocolVersion":1,"values":{"a":${value}}}`))).toEqual({ problem: "the value is not text" });
});

describe("plain text is the value where that is accepted and one id is asked [X16]", () => {
  test.each(["v\n", "v\r\n", "v\n\n", " v", '{"a":1}', '"v"', "null", "a\n├── b\n└── c\n", '{"values":{"a":"x"}}'])("%j", (output) => {
    expect(one(read(output, ["a"], true))).toEqual({ value: output });
  });
  test("an answer of the protocol is read as one all the same", () => {
    expect(one(read('{"protocolVersion":1,"values":{"a":"x"}}', ["a"], true))).toEqual({ value: "x" });
    expect(read('{"protocolVersion":2,"values":{"a":"x"}}', ["a"], true)).toEqual({
      problem: expect.stringContaining("protocolVersion 1"),
    });
  });
  test("for two ids it answers neither", () => {
    expect(read(CANARY, ["a", "b"], true)).toEqual({ problem: "the output (11 bytes, the first a letter) is not one JSON object" });
  });
});

test("every id is asked once, in order, and every request is within the limits [S15]", () => {
  const limits = fc.record({ maxRefsPerProvider: fc.integer({ min: 1, max: 20 }), maxBatchBytes: fc.integer({ min: 60, max: 2_000 }) });
  const ids = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,40}$/), { maxLength: 80 });
  const isSplitWell = (limits: { maxRefsPerProvider: number; maxBatchBytes: number }, ids: readonly string[]) => {
    const batches = splitIntoBatches("vault", ids, limits);
    const fits = (batch: readonly string[]) =>
      batch.length <= limits.maxRefsPerProvider && (batch.length === 1 || formatRequest("vault", batch).length <= limits.maxBatchBytes);
    return JSON.stringify(batches.flat()) === JSON.stringify(ids) && batches.every(fits);
  };
  expect(() => fc.assert(fc.property(limits, ids, isSplitWell))).not.toThrow();
  const many = Array.from({ length: 513 }, (_, index) => `id-${index}`);
  expect(splitIntoBatches("vault", many, { maxRefsPerProvider: 512, maxBatchBytes: 262_144 }).map((batch) => batch.length)).toEqual([
    512, 1,
  ]);
  const [first = []] = splitIntoBatches("vault", many, { maxRefsPerProvider: 512, maxBatchBytes: 1_000 });
  expect(formatRequest("vault", [...first, many[first.length] ?? ""]).length).toBeGreaterThan(1_000);
});

test("no output ever shows in what is said of it", () => {
  const sayings = (output: string) => {
    const result = read(`${CANARY}${output}${CANARY}`);
    return !JSON.stringify(result instanceof Map ? [...result] : result).includes(CANARY);
  };
  expect(() => fc.assert(fc.property(fc.string(), sayings))).not.toThrow();
});
