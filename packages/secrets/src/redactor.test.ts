import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { patternsOf } from "./redactor/patterns.ts";
import { createRedactor } from "./redactor.ts";
import { Secret } from "./secret.ts";

function redactorFor(...values: readonly string[]) {
  const redactor = createRedactor();
  for (const value of values) redactor.add(Secret.of(value));
  return redactor;
}

const mixedHex = (text: string) => text.replaceAll(/[0-9a-f]/g, (digit, at: number) => (at % 2 === 0 ? digit.toUpperCase() : digit));
const bytesAs = (value: string, write: (hex: string) => string) =>
  [...Buffer.from(value)].map((byte) => write(byte.toString(16).padStart(2, "0"))).join("");
const unitsAs = (value: string, write: (hex: string) => string) =>
  Array.from({ length: value.length }, (_, at) => write(value.charCodeAt(at).toString(16).padStart(4, "0"))).join("");

/** Every way a whole value is written, apart from base64. */
const writings: Readonly<Record<string, (value: string) => string>> = {
  "as it is": (value) => value,
  "as a JSON string": (value) => JSON.stringify(value).slice(1, -1),
  "as a JSON string that is safe in HTML": (value) =>
    JSON.stringify(value)
      .slice(1, -1)
      .replaceAll(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
  "as a JSON string with escaped slashes": (value) => JSON.stringify(value).slice(1, -1).replaceAll("/", "\\/"),
  "as a JSON string in ASCII": (value) =>
    JSON.stringify(value)
      .slice(1, -1)
      .replaceAll(/[^\u0000-\u007F]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`),
  "in \\u escapes": (value) => unitsAs(value, (hex) => `\\u${hex}`),
  "in \\u escapes of capitals": (value) => unitsAs(value, (hex) => `\\u${hex.toUpperCase()}`),
  "in \\u escapes of both": (value) => unitsAs(value, (hex) => `\\u${mixedHex(hex)}`),
  "by encodeURIComponent": encodeURIComponent,
  "by encodeURIComponent, in lower case": (value) => encodeURIComponent(value).replaceAll(/%../g, (escape) => escape.toLowerCase()),
  "as a form": (value) => new URLSearchParams([["", value]]).toString().slice(1),
  "in percent escapes": (value) => bytesAs(value, (hex) => `%${hex}`),
  "in percent escapes of capitals": (value) => bytesAs(value, (hex) => `%${hex.toUpperCase()}`),
  "in percent and \\u escapes": (value) =>
    Array.from(value, (character, at) =>
      at % 2 === 0 ? bytesAs(character, (hex) => `%${hex}`) : unitsAs(character, (hex) => `\\u${hex}`),
    ).join(""),
};

const awkward = String.raw`.*+?^$()[]{}|\/"'%&<> -_=,;:!#~0aZ` + "\n\r\t\bé漢𝄞";
const character = fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: "binary", minLength: 1, maxLength: 1 }));
const isWhole = (value: string) => value.isWellFormed();
const longValue = fc
  .string({
    unit: fc.oneof({ weight: 9, arbitrary: character }, fc.constantFrom("%41", "%aa", "%22", "\\n", "\\u0041")),
    minLength: 8,
    maxLength: 60,
  })
  .filter(isWhole);
/** The base64 characters that depend on the value alone. */
const ownBase64 = (value: Buffer, shift: number, encoding: "base64" | "base64url") =>
  Buffer.concat([Buffer.alloc(shift), value])
    .toString(encoding)
    .slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + value.length) * 8) / 6));

test.each(['ab"%41cdefgh', 'pass"%aaword1', "%41/%42/%43/%44", 'one"%22two%22"three', "\u0000%aa\u0000\u0000\u0000..\u0000"])(
  "a value that looks escaped itself is found however it is written: %j [L10]",
  (value) => {
    for (const write of Object.values(writings)) expect(redactorFor(value).text(`<${write(value)}>`)).toBe("<[redacted]>");
  },
);

describe("a value is found", () => {
  test.each(Object.entries(writings))("%s, whatever it is made of [L10]", (_, write) => {
    fc.assert(
      fc.property(longValue, (value) => {
        expect(redactorFor(value).text(`<${write(value)}>`)).toBe("<[redacted]>");
      }),
    );
  });

  test.each(["base64", "base64url"] as const)("in %s, whatever stands around it [L10]", (encoding) => {
    const around = fc.uint8Array({ maxLength: 7 });
    fc.assert(
      fc.property(longValue, around, around, (value, before, after) => {
        const written = Buffer.concat([before, Buffer.from(value), after]).toString(encoding);
        const shown = redactorFor(value).text(`<${written}>`);
        expect(shown).toContain("[redacted]");
        expect(shown).not.toContain(ownBase64(Buffer.from(value), before.length % 3, encoding));
      }),
    );
  });

  test("in a Basic header, escaped or not [L2]", () => {
    const header = `Basic ${Buffer.from("user:test-key-one?>").toString("base64")}`;
    expect(redactorFor("test-key-one?>").text(header)).toMatch(/^Basic .{6,8}\[redacted\].{0,3}$/);
    expect(redactorFor("test-key-one?>").text(encodeURIComponent(header))).toMatch(/^Basic%20.{6,8}\[redacted\].{0,3}/);
  });

  test("escaped inside a text in which nothing else of it is escaped", () => {
    const redactor = redactorFor("test/key-number/one");
    expect(redactor.text("a=test%2Fkey-number/one&b")).toBe("a=[redacted]&b");
    expect(redactor.text("a=test/key-number%2fone&b")).toBe("a=[redacted]&b");
    expect(redactor.text('{"a":"test\\/key-number%2fone"}')).toBe('{"a":"[redacted]"}');
    expect(redactor.text("%74est/key-number/on%65%65")).toBe("[redacted]%65");
  });

  test("that itself looks escaped", () => {
    const redactor = redactorFor("abc%41def\\u0041ghi");
    expect(redactor.text("(abc%41def\\u0041ghi)")).toBe("([redacted])");
    expect(redactor.text("(abc%2541def\\\\u0041ghi)")).toBe("([redacted])");
    expect(redactor.text("(abcAdefAghi)")).toBe("(abcAdefAghi)");
  });

  test("of many lines", () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${"MIIEvQ/+AB\n".repeat(9)}-----END PRIVATE KEY-----\n`;
    const redactor = redactorFor(key);
    expect(redactor.text(JSON.stringify({ key }))).toBe('{"key":"[redacted]"}');
    expect(redactor.text(`${key}.`)).toBe("[redacted].");
  });
});

describe("of several values nothing survives", () => {
  test.each([
    ["one the beginning of another", ["test-key-one", "test-key-one-and-two"], "(test-key-one-and-two)", "([redacted])"],
    ["the shorter of the two", ["test-key-one", "test-key-one-and-two"], "(test-key-one-and-tw)", "([redacted]-and-tw)"],
    ["one inside another", ["test-key-one", "my-test-key-one-too"], "(my-test-key-one-too)", "([redacted])"],
    ["one inside another that is cut", ["test-key-one", "my-test-key-one-too"], "(my-test-key-one-to)", "(my-[redacted]-to)"],
    ["overlapping", ["test-key-one", "key-one-test"], "(test-key-one-test)", "([redacted])"],
    ["side by side", ["test-key-one", "test-key-two"], "(test-key-onetest-key-two)", "([redacted])"],
    ["overlapping itself", ["abcabcabc"], "(abcabcabcabca)", "([redacted]a)"],
    ["apart", ["test-key-one"], "test-key-one test-key-one", "[redacted] [redacted]"],
  ])("%s [L10]", (_, values, text, expected) => {
    expect(redactorFor(...values).text(text)).toBe(expected);
  });

  test("in any text made of the same letters [L10]", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 8, maxLength: 12 });
    const texts = fc.string({ unit: fc.constantFrom("a", "b", "a", "b", "c"), maxLength: 200 });
    fc.assert(
      fc.property(fc.array(letters, { minLength: 1, maxLength: 6 }), texts, (values, text) => {
        expect(redactorFor(...values).text(text)).toBe(coverEach(values, text));
      }),
      { numRuns: 1000 },
    );
  });
});

/** The slow and obvious way. */
function coverEach(values: readonly string[], text: string): string {
  const isCovered = Array.from(text, () => false);
  for (const value of values) {
    for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1)) isCovered.fill(true, at, at + value.length);
  }
  return Array.from(text, (letter, at) => (isCovered[at] ? "\0" : letter))
    .join("")
    .replaceAll(/\0+/g, "[redacted]");
}

describe("a short value", () => {
  test.each([
    ["hunter2", "password hunter2!", "password [redacted]!"],
    ["hunter2", "hunter2", "[redacted]"],
    ["hunter2", '{"a":"hunter2"}', '{"a":"[redacted]"}'],
    ["hunter2", "a_hunter2", "a_[redacted]"],
    ["hunter2", '"\\nhunter2 %22hunter2%22 \\u0022hunter2\\u0022"', '"\\n[redacted] %22[redacted]%22 \\u0022[redacted]\\u0022"'],
    ["hunter2", "ahunter2 hunter22 éhunter2", "ahunter2 hunter22 éhunter2"],
    ["hunter2", "%68unter2 hunter\\u0032", "[redacted] [redacted]"],
    ["a.c", "a.c abc a.cd", "[redacted] abc a.cd"],
    ["x", "x y xx", "[redacted] y xx"],
    ["é", "é né", "[redacted] né"],
    ["-", "a-b - c", "a-b [redacted] c"],
  ])("%s in %s is found as a whole word [L10]", (value, text, expected) => {
    expect(redactorFor(value).text(text)).toBe(expected);
  });

  test("is found anywhere in base64, from 5 bytes on", () => {
    for (const user of ["u", "us", "use"]) {
      const written = Buffer.from(`${user}:abcde`).toString("base64");
      expect(redactorFor("abcde").text(written)).toContain("[redacted]");
      expect(redactorFor("abcd").text(written)).toBe(written);
    }
  });

  test("beside a long one does not hide it", () => {
    expect(redactorFor("one", "test-key-one").text("test-key-one one")).toBe("[redacted] [redacted]");
    expect(redactorFor("t", "test-key").text("xtest-keyx t")).toBe("x[redacted]x [redacted]");
  });

  test("that is empty is ignored", () => {
    const redactor = redactorFor("");
    expect(redactor.text("text")).toBe("text");
    expect(redactor.text("")).toBe("");
  });
});

describe("what holds no value", () => {
  test("comes back as it was: the same string, the same buffer", () => {
    const redactor = redactorFor("test-key-one", "test-key-two", "hunter2");
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: character })), (text) => {
        const bytes = Buffer.from(text);
        expect(redactor.text(text)).toBe(text);
        expect(redactor.bytes(bytes)).toBe(bytes);
      }),
    );
  });

  test("comes back with the halves of characters it has, which no encoding keeps", () => {
    expect(redactorFor("test-key-one").text("\uD834 text")).toBe("\uD834 text");
  });

  test("is not copied where it is no Buffer", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(redactorFor("test-key-one").bytes(bytes).buffer).toBe(bytes.buffer);
  });

  test("is not taken for a value in other letters", () => {
    expect(redactorFor("test-key-one").text("TEST-KEY-ONE test_key_one test-key-on e")).toBe("TEST-KEY-ONE test_key_one test-key-on e");
  });

  test("passes a redactor without values", () => {
    expect(createRedactor().text("test-key-one")).toBe("test-key-one");
    const stream = createRedactor().stream();
    expect(stream.push(Buffer.from("test-key-one")).toString()).toBe("test-key-one");
    expect(stream.end()).toHaveLength(0);
  });
});

describe("a stream", () => {
  const hard = ["test/key+one?", "test/key+one?two", "abababab", "ababababa", "né\n𝄞 of many", "hunter2", "x"];
  const piece = fc.oneof(
    ...hard.map((value) => fc.constantFrom(...Object.values(writings)).map((write) => write(value))),
    ...hard.map((value) => fc.nat(3).map((shift) => Buffer.concat([Buffer.alloc(shift), Buffer.from(value)]).toString("base64"))),
    fc.constantFrom("%", "\\", "\\u", "\\u0", "\\ud834", "\\ud834\\", "%7", "ab", "test/", " ", "text", "\\\\", "\\n"),
    fc.string({ maxLength: 3 }),
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => Buffer.from(pieces.join("")));

  test("gives the same, however it is split [L2]", () => {
    const redactor = redactorFor(...hard);
    fc.assert(
      fc.property(text, fc.array(fc.nat(40), { minLength: 1, maxLength: 20 }), (bytes, lengths) => {
        expect(throughStream(redactor.stream(), bytes, lengths)).toBe(redactor.bytes(bytes).toString("latin1"));
      }),
      { numRuns: 3000 },
    );
  });

  test.each(Object.entries(writings))("finds a value %s at every split into two [L2]", (_, write) => {
    const redactor = redactorFor("test/key+one?", 'né\n𝄞 "of many');
    for (const value of ["test/key+one?", 'né\n𝄞 "of many']) {
      const bytes = Buffer.from(`<${write(value)}>`);
      for (let at = 0; at <= bytes.length; at += 1) {
        expect(throughStream(redactor.stream(), bytes, [at, bytes.length])).toBe("<[redacted]>");
      }
    }
  });

  test("gives out at once what cannot be the beginning of a value", () => {
    const stream = redactorFor("test-key-one").stream();
    const chunk = Buffer.from("data: nothing here\n\n");
    expect(stream.push(chunk)).toBe(chunk);
    expect(stream.push(Buffer.from("data: test-k")).toString()).toBe("data: ");
    expect(stream.push(Buffer.from("in ")).toString()).toBe("test-kin ");
    expect(stream.push(Buffer.from("test-key-one")).toString()).toBe("[redacted]");
    expect(stream.end().toString()).toBe("");
  });

  test("holds back less than the longest writing of the longest value, whatever is pushed", () => {
    const value = "abababababab";
    const longest = writings["in \\u escapes"]?.(Buffer.from(value).toString("base64")).length ?? 0;
    const near = fc.constantFrom("ab", "a", "\\u0061", "%62", "\\u00", "%", "c", Buffer.from(value).toString("base64").slice(0, 9));
    fc.assert(
      fc.property(fc.array(near, { maxLength: 60 }), (pieces) => {
        const stream = redactorFor(value).stream();
        let pushed = "";
        let shown = "";
        for (const piece of pieces) {
          pushed += piece;
          shown += stream.push(Buffer.from(piece)).toString();
          const given = redactorFor(value).text(pushed).length - shown.length;
          expect(given).toBeLessThan(longest);
        }
      }),
    );
  });

  test("keeps no memory of a chunk that its owner uses again", () => {
    const stream = redactorFor("test-key-one").stream();
    const chunk = Buffer.from("(test-ke");
    const shown = stream.push(chunk).toString();
    chunk.fill("x");
    expect(shown + stream.push(Buffer.from("ep")).toString() + stream.end().toString()).toBe("(test-keep");
  });

  test("finds values that are added while it is open", () => {
    const redactor = redactorFor("test-key-one");
    const stream = redactor.stream();
    expect(stream.push(Buffer.from("test-key-two test-key-")).toString()).toBe("test-key-two ");
    redactor.add(Secret.of("test-key-two"));
    expect(stream.push(Buffer.from("two test-key-one")).toString()).toBe("[redacted] [redacted]");
    expect(stream.end().toString()).toBe("");
  });
});

function throughStream(stream: ReturnType<ReturnType<typeof redactorFor>["stream"]>, bytes: Buffer, lengths: readonly number[]): string {
  const shown: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    shown.push(Buffer.from(stream.push(Buffer.from(bytes.subarray(at, at + length)))));
    at += length;
  }
  shown.push(stream.push(bytes.subarray(at)), stream.end());
  return Buffer.concat(shown).toString("latin1");
}

describe("withdrawing", () => {
  test("counts how often a value was added", () => {
    const redactor = createRedactor();
    const first = redactor.add(Secret.of("test-key-one"));
    const second = redactor.add(Secret.of("test-key-one"));
    first();
    first();
    expect(redactor.text("test-key-one")).toBe("[redacted]");
    second();
    expect(redactor.text("test-key-one")).toBe("test-key-one");
    expect(redactor.size).toBe(0);
  });

  test("waits for what was held before, and only for that [R8]", () => {
    const redactor = createRedactor();
    const withdraw = redactor.add(Secret.of("test-key-one"));
    const release = redactor.hold();
    withdraw();
    const later = redactor.hold();
    expect(redactor.text("test-key-one")).toBe("[redacted]");
    release();
    expect(redactor.text("test-key-one")).toBe("test-key-one");
    later();
    expect(redactor.size).toBe(0);
  });

  test("waits for a stream opened before, until it ends", () => {
    const redactor = createRedactor();
    const withdraw = redactor.add(Secret.of("test-key-one"));
    const stream = redactor.stream();
    withdraw();
    expect(stream.push(Buffer.from("test-key-one")).toString()).toBe("[redacted]");
    stream.end();
    expect(redactor.size).toBe(0);
  });

  test("in the middle of a value gives out what was held of it", () => {
    const redactor = createRedactor();
    const withdraw = redactor.add(Secret.of("test-key-one"));
    const release = redactor.hold();
    const stream = redactor.stream();
    expect(stream.push(Buffer.from("test-key-")).toString()).toBe("");
    withdraw();
    release();
    expect(stream.push(Buffer.from("one")).toString() + stream.end().toString()).toBe("[redacted]");
  });

  test("then adding again keeps the value, whatever is released [R8]", () => {
    const redactor = createRedactor();
    const release = redactor.hold();
    redactor.add(Secret.of("test-key-one"))();
    redactor.add(Secret.of("test-key-one"));
    release();
    expect(redactor.text("test-key-one")).toBe("[redacted]");
  });

  test("leaves nothing behind after a thousand reloads [R8]", () => {
    const redactor = createRedactor();
    let withdraw = () => {};
    for (let reload = 0; reload < 1000; reload += 1) {
      const release = redactor.hold();
      withdraw();
      withdraw = redactor.add(Secret.of(`test-key-of-reload-${reload}`));
      redactor.text("build it");
      release();
    }
    expect(redactor.size).toBe(1);
    expect(redactor.text("test-key-of-reload-998 test-key-of-reload-999")).toBe("test-key-of-reload-998 [redacted]");
  });
});

test("a hundred thousand values at once are found, each as itself [L10]", () => {
  const values = Array.from({ length: 100_000 }, (_, index) =>
    `${String.raw`(.*[$`}${(index * 7919) % 100_000}+?`.padEnd(9 + (index % 7), "x"),
  );
  const redactor = redactorFor(...values);
  expect(redactor.size).toBe(100_000);
  const shown = redactor.text(values.slice(0, 2000).join(" "));
  expect(shown).toBe(Array.from({ length: 2000 }, () => "[redacted]").join(" "));
}, 60_000);

test("shows nothing of a value when it is printed or serialised [L8]", () => {
  const redactor = redactorFor("test-key-one");
  expect(JSON.stringify(redactor)).not.toContain("test-key");
  expect(JSON.stringify(redactor.stream())).not.toContain("test-key");
});

test("patterns are what a value is looked for as", () => {
  const written = (value: string) => patternsOf(Buffer.from(value)).map(({ bytes }) => bytes.toString());
  expect(written("")).toEqual([]);
  expect(written("abc")).toEqual(["abc"]);
  const base64 = ["YWJjPz5+IH", "FiYz8+fiB+", "hYmM/Pn4gf"];
  const base64url = ["YWJjPz5-IH", "FiYz8-fiB-", "hYmM_Pn4gf"];
  expect(written("abc?>~ ~")).toEqual(["abc?>~ ~", "abc?>~+~", ...base64, ...base64url]);
});
