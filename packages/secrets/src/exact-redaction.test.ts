import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createExactRedaction } from "./exact-redaction.ts";
import { Secret } from "./secret.ts";

const KEY = "test-key-one";
const COVER = "[redacted]**";

/** What comes out of a text pushed in these pieces. */
function redact(pieces: readonly string[], key = KEY): string {
  const stream = createExactRedaction(Secret.of(key));
  return Buffer.concat([...pieces.map((piece) => stream.push(Buffer.from(piece))), stream.end()]).toString();
}

describe("the value is covered at its length", () => {
  test.each([
    [`a ${KEY} b`, `a ${COVER} b`],
    [`${KEY}${KEY}`, `${COVER}${COVER}`],
    [`x${KEY.slice(0, -1)}${KEY}`, `x${KEY.slice(0, -1)}${COVER}`],
    [KEY.slice(0, -1), KEY.slice(0, -1)],
    ["", ""],
  ])("%j", (text, expected) => {
    expect(redact([text])).toBe(expected);
    expect(redact([...text])).toBe(expected);
    for (let at = 0; at <= text.length; at += 1) expect(redact([text.slice(0, at), text.slice(at)])).toBe(expected);
  });

  test.each([
    ["as it is", 'quo"te/back\\slash', 'quo"te/back\\slash'],
    ["escaped as JSON", 'quo"te/back\\slash', String.raw`quo\"te/back\\slash`],
    ["with the slash escaped too", "test/key/one", String.raw`test\/key\/one`],
  ])("%s", (_name, key, written) => {
    const expected = `<${"[redacted]".padEnd(written.length, "*")}>`;
    expect(redact([`<${written}>`], key)).toBe(expected);
    expect(redact([...`<${written}>`], key)).toBe(expected);
  });

  test("a value with no room for the word is covered by stars", () => {
    expect(redact(["a 12345678 b"], "12345678")).toBe("a ******** b");
  });
});

test("a value that any text may hold is left alone", () => {
  expect(redact(["I am ollama"], "ollama")).toBe("I am ollama");
});

test("a text is the same but for the value, however it is split", () => {
  const unit = fc.constantFrom("t", "e", "s", "-", "test-key-on", "\n", "test-");
  fc.assert(
    fc.property(fc.array(fc.array(unit, { maxLength: 6 }), { maxLength: 8 }), (pieces) => {
      const texts = pieces.map((piece) => piece.join(""));
      expect(redact(texts)).toBe(texts.join("").replaceAll(KEY, COVER));
    }),
  );
});

test("a value is found however it is split", () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 20 }),
      fc.string({ maxLength: 20 }),
      fc.array(fc.nat(60), { maxLength: 6 }),
      (before, after, cuts) => {
        const text = `${before}${KEY}${after}`;
        const places = [0, ...cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b), text.length];
        const output = redact(places.slice(1).map((place, index) => text.slice(places[index], place)));
        expect(output).not.toContain(KEY);
        expect(output).toHaveLength(text.length);
      },
    ),
  );
});

describe("what is given out at once", () => {
  test.each(['data: {"choices":[]}\n\n', "the best", "x"])("%j as the same buffer", (text) => {
    const stream = createExactRedaction(Secret.of(KEY));
    const chunk = Buffer.from(text.replace("best", "besu"));
    expect(stream.push(chunk)).toBe(chunk);
    expect(stream.end()).toHaveLength(0);
  });

  test("all but an end that may begin the value, which is less than the value", () => {
    const stream = createExactRedaction(Secret.of(KEY));
    expect(stream.push(Buffer.from("see test-key")).toString()).toBe("see ");
    expect(stream.push(Buffer.from("hole")).toString()).toBe("test-keyhole");
    expect(stream.push(Buffer.from(`${KEY.slice(0, -1)}`))).toHaveLength(0);
    expect(stream.end().toString()).toBe(KEY.slice(0, -1));
  });
});

test("the chunk that was given is not written to", () => {
  const chunk = Buffer.from(`a ${KEY} b`);
  expect(createExactRedaction(Secret.of(KEY)).push(chunk).toString()).toBe(`a ${COVER} b`);
  expect(chunk.toString()).toBe(`a ${KEY} b`);
});
