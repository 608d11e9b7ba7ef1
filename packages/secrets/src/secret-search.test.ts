import { createSecretSearch } from "./secret-search.ts";
import { Secret } from "./secret.ts";
import { describe, expect, test } from "vitest";

const value = 'test-key-one/with+odd"signs=and 1234567890 more';
const label = "OPENAI_API_KEY";
const { search } = createSecretSearch([{ secret: Secret.of(value), label }]);

function swapped(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}

describe("finds a value", () => {
  const inBase64 = (before: string) => Buffer.from(`${before}${value}:after`).toString("base64");
  const cases: readonly (readonly [string, string, Buffer | string])[] = [
    ["as it is", "plain", value],
    ["in JSON", "json", JSON.stringify({ a: value })],
    ["in JSON within JSON", "json", JSON.stringify(JSON.stringify(value))],
    ["in a query", "percent", encodeURIComponent(value)],
    ["in a query with small hex digits", "percent", encodeURIComponent(value).replaceAll(/%../g, (escape) => escape.toLowerCase())],
    ["in hex", "hex", Buffer.from(value).toString("hex")],
    ["in large hex", "hex", Buffer.from(value).toString("hex").toUpperCase()],
    ["in base64", "base64", inBase64("")],
    ["in base64, one byte on", "base64", inBase64("a")],
    ["in base64, two bytes on", "base64", inBase64("ab")],
    ["in UTF-16", "utf16le", Buffer.from(value, "utf16le")],
    ["in big-endian UTF-16", "utf16be", swapped(value)],
    ["in a mixture of escapes", "escaped", [...value].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")],
    ["in escapes where none are needed", "escaped", value.replace("t", "%74").replace("/", "%2F")],
  ];
  test.each(cases)("%s", (_name, form, text) => {
    const written = Buffer.concat([Buffer.from("text before: "), Buffer.from(text), Buffer.from("\nand after\n")]);
    expect(search(written)).toMatchObject([{ label, form }]);
  });
});

test("finds base64url, which differs from base64 in signs alone", () => {
  const odd = createSecretSearch([{ secret: Secret.of("test??>>key~~one"), label }]);
  expect(odd.search(Buffer.from(Buffer.from("test??>>key~~one").toString("base64url")))).toMatchObject([{ form: "base64url" }]);
});

test.each([64, 76])("finds base64 that is wrapped at %i signs, and says where in the file", (width) => {
  // A multiple of three bytes before it, so that its base64 is its own.
  const lines = Buffer.from(`${"x".repeat(51)}${value}${"y".repeat(80)}`)
    .toString("base64")
    .match(new RegExp(`.{1,${width}}`, "gu"));
  const text = `---\r\n${lines?.join("\r\n")}\r\n---`;
  const [hit] = search(Buffer.from(text));
  expect(hit).toMatchObject({ label, form: "base64" });
  const found = text.slice(hit?.offset, (hit?.offset ?? 0) + (hit?.length ?? 0));
  const whole = Buffer.from(value).toString("base64").replaceAll("=", "");
  expect([whole.startsWith(found.replaceAll("\r\n", "")), found.includes("\r\n")]).toEqual([true, true]);
});

test("says where each value begins and how long it is there", () => {
  const other = Secret.of("test-key-two");
  const both = createSecretSearch([
    { secret: Secret.of(value), label },
    { secret: other, label: "other" },
  ]);
  const text = `a ${value} b test-key-two c ${value}`;
  expect(both.search(Buffer.from(text))).toEqual([
    { label, form: "plain", offset: 2, length: value.length },
    { label: "other", form: "plain", offset: text.indexOf("test-key-two"), length: 12 },
    { label, form: "plain", offset: text.lastIndexOf(value), length: value.length },
  ]);
});

test("takes a value that begins with another one for itself alone", () => {
  const both = createSecretSearch([
    { secret: Secret.of("test-key-one"), label: "short" },
    { secret: Secret.of("test-key-one-and-more"), label: "long" },
  ]);
  expect(both.search(Buffer.from("test-key-one-and-more test-key-one"))).toMatchObject([
    { label: "long", offset: 0 },
    { label: "short", offset: 22 },
  ]);
});

test("looks for no value shorter than 8 bytes, and for none at all where none is known", () => {
  expect(createSecretSearch([{ secret: Secret.of("test-ke"), label }]).search(Buffer.from("test-ke"))).toEqual([]);
  expect(createSecretSearch([]).search(Buffer.from(value))).toEqual([]);
});

test("finds nothing in a text that nearly holds the value", () => {
  expect(search(Buffer.from(`${value.slice(0, -1)} ${value.slice(1)} ${value.toUpperCase()} %25 \\`))).toEqual([]);
});

test("stops collecting in a text of nothing but values", () => {
  const many = createSecretSearch([{ secret: Secret.of("test-key"), label }]);
  expect(many.search(Buffer.from("test-key".repeat(20_000)))).toHaveLength(10_000);
});

test.each([
  ["the window of the value over and over", "abcdefgh".repeat(200_000), `${"x".repeat(500)}abcdefgh${"x".repeat(500)}`],
  ["a long beginning of the value over and over", `${"abcdefgh".repeat(100)}!`.repeat(2_000), `${"abcdefgh".repeat(101)}!!`],
  [
    "one sign of which the value is made, but for another in its middle",
    "a".repeat(1_600_000),
    `${"a".repeat(30_000)}b${"a".repeat(30_000)}`,
  ],
  ["base64 without an end", "QUJD".repeat(400_000), value],
])("reads a text of %s once", (_name, text, wanted) => {
  const { search } = createSecretSearch([{ secret: Secret.of(wanted), label }]);
  const started = performance.now();
  expect(search(Buffer.from(text))).toEqual([]);
  expect(performance.now() - started).toBeLessThan(3_000);
});

test("shows no value when it is printed", () => {
  expect(JSON.stringify(createSecretSearch([{ secret: Secret.of(value), label }]))).not.toContain("test-key");
});
