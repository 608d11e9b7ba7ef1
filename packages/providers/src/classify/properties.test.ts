import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classifyFailure } from "../classify.ts";
import { failureCorpus, inputFor, type CorpusCase } from "../corpus/index.ts";
import { providerSpecs } from "../specs/index.ts";
import { findProvider } from "../table.ts";
import { isRecord } from "./error-records.ts";
import type { Outcome } from "./evidence.ts";
import { scopeOf } from "./verdict.ts";

const classes: ReadonlySet<string> = new Set(Object.keys(scopeOf));

function judge(entry: CorpusCase) {
  const { status, headers, body, error } = inputFor(entry);
  const outcome: Outcome = {
    ...(status !== undefined && { status }),
    ...(error === undefined ? { header: (name) => headers[name] } : { error }),
    ...(body !== undefined && { errorText: body }),
  };
  return classifyFailure(outcome, findProvider(entry.provider), entry.now);
}

const spec = fc.constantFrom(undefined, ...providerSpecs);
const status = fc.option(fc.integer({ min: 100, max: 999 }), { nil: undefined });
const words = fc.constantFrom(
  "rate limit",
  "429",
  "quota",
  "expired",
  "model",
  "not found",
  "(1008)",
  "{",
  '{"error":{',
  "'",
  "`",
  "resets at 2026-",
);
const text = fc.oneof(
  fc.string(),
  fc.array(fc.oneof(words, fc.string({ maxLength: 5 })), { maxLength: 40 }).map((parts) => parts.join(" ")),
);
const errorText = fc.oneof(
  text,
  fc.json(),
  text.map((message) => JSON.stringify({ error: { message, code: message, type: message } })),
);

describe("classifyFailure is total", () => {
  test("any status, header, text and JSON gets a class, or is a success", () => {
    const property = fc.property(status, errorText, text, spec, (code, said, header, provider) => {
      const failure = classifyFailure({ ...(code !== undefined && { status: code }), header: () => header, errorText: said }, provider, 0);
      if (failure === undefined) return code !== undefined && code < 400;
      return classes.has(failure.class) && (failure.retryAt ?? 0) >= 0;
    });
    expect(() => fc.assert(property, { numRuns: 2000 })).not.toThrow();
  });

  test("whatever is thrown gets a class, unless it was an abort", () => {
    const property = fc.property(fc.anything(), text, spec, (value, message, provider) => {
      const wrapped = new Error(message, { cause: value });
      return [value, wrapped, Object.assign(new Error(message), { error: value, response: value })].every((error) => {
        const failure = classifyFailure({ error }, provider, 0);
        return failure === undefined || classes.has(failure.class);
      });
    });
    expect(() => fc.assert(property, { numRuns: 1000 })).not.toThrow();
  });

  test("nothing is too deep or too long, and none of it is slow", () => {
    const started = performance.now();
    const pieces = [
      "'",
      "`",
      '"',
      "[",
      "[a]",
      '{"a":',
      "request ",
      "resets at 2026-03-01 ",
      "wait 1",
      "(1008)",
      "tokens + ",
      "item ",
      "model ",
      "expired ",
      "429 ",
    ];
    for (const piece of pieces) {
      const long = piece.repeat(100_000);
      for (const provider of ["openai", "minimax", "google", "together", "zai"].map((id) => findProvider(id))) {
        for (const said of [
          long,
          JSON.stringify({ error: { message: long } }),
          JSON.stringify({ error: { message: piece.repeat(5000), code: piece } }),
        ]) {
          expect(classes).toContain(classifyFailure({ status: 400, errorText: said }, provider, 0)?.class);
          expect(classes).toContain(classifyFailure({ error: new Error(said) }, provider, 0)?.class);
        }
      }
    }
    const nested = `${'{"error":'.repeat(6000)}1${"}".repeat(6000)}`;
    const inMessages = Array.from({ length: 8 }).reduce<string>((inner) => JSON.stringify({ error: { message: inner } }), "429");
    const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`${index}Exception`, { message: "x" }])));
    for (const said of [nested, inMessages, wide, `[${nested}]`])
      expect(classes).toContain(classifyFailure({ status: 400, errorText: said }, undefined, 0)?.class);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

/** The same JSON with the fields of every object in another order. */
function shuffled(value: unknown, order: (count: number) => readonly number[]): unknown {
  if (Array.isArray(value)) return value.map((entry: unknown) => shuffled(entry, order));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value);
  const inOrder = order(entries.length).flatMap((index) => entries.slice(index, index + 1));
  return Object.fromEntries(inOrder.map(([key, inner]) => [key, shuffled(inner, order)]));
}

test("the order of fields in a body changes nothing", () => {
  const sorts: readonly ((count: number) => readonly number[])[] = [
    (count) => Array.from({ length: count }, (_, index) => count - 1 - index),
    (count) => Array.from({ length: count }, (_, index) => (index + 1) % count),
    (count) => Array.from({ length: count }, (_, index) => index).toSorted((left, right) => ((left * 7) % 5) - ((right * 7) % 5)),
  ];
  for (const entry of failureCorpus) {
    for (const order of sorts) expect([entry.id, judge({ ...entry, body: shuffled(entry.body, order) })]).toEqual([entry.id, judge(entry)]);
  }
});

/** The same body with something behind each of its texts that holds no JSON. */
function withSuffix(value: unknown, suffix: string, key = "message"): unknown {
  if (typeof value === "string")
    return /^(?:message|msg|error|detail|status_msg)$/.test(key) && !/[{[]\s*"/.test(value) ? `${value}${suffix}` : value;
  if (Array.isArray(value)) return value.map((entry: unknown) => withSuffix(entry, suffix, ""));
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withSuffix(inner, suffix, name)]))
    : value;
}

test("ids and long numbers behind a message do not change what it means", () => {
  const digits = fc.stringMatching(/^[0-9]{6,24}$/);
  const hex = fc.stringMatching(/^(?:402|429|503)[0-9a-f]{6,20}$/);
  const suffix = fc.oneof(
    digits.map((id) => ` (request id: ${id})`),
    hex.map((id) => ` req_${id}`),
    hex.map((id) => ` [${id}]`),
    digits.map((id) => ` #${id}`),
  );
  const failures = failureCorpus.filter(({ expected }) => expected !== undefined);
  const property = fc.property(suffix, (behind) => {
    const changed = failures.filter((entry) => judge({ ...entry, body: withSuffix(entry.body, behind) })?.class !== entry.expected?.class);
    if (changed.length > 0) throw new Error(changed.map(({ id }) => id).join(", "));
  });
  expect(() => fc.assert(property, { numRuns: 30 })).not.toThrow();
});
