import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import JSON5 from "json5";
import { describe, expect, test } from "vitest";
import { editJson, type JsonChange, type JsonDialect, type JsonValue } from "./edit-json.ts";
import { HomeError } from "./errors.ts";

const remove = (...path: readonly string[]): JsonChange => ({ path, remove: true });
const set = (path: readonly string[], value: JsonValue): JsonChange => ({ path, value });
const envRef = (id: string) => ({ source: "env", provider: "default", id });

function refusal(text: string, change: JsonChange, dialect: JsonDialect = "json5"): { readonly code: string; readonly message: string } {
  try {
    editJson(text, [change], dialect);
  } catch (error) {
    if (error instanceof HomeError) return { code: error.code, message: `${error.message} ${error.hint} ${String(error.cause)}` };
    throw error;
  }
  throw new Error("was not refused");
}

test.each([
  ["a value in quotes forgotten", '{\n  "key": test-key-one }', remove("key"), "json5", /line 2, column 11/],
  ["nothing closed", '{"key": "test-key-one', remove("key"), "json", /line 1, column 22/],
  ["a comment in JSON", '{"key": "test-key-one"} // test-key-one', remove("key"), "json", /line 1/],
  ["a control character in a string", '{"key": "test-key-one\t"}', remove("key"), "json", /not valid JSON undefined/],
  ["a name that cannot be placed", "{key: 'test-key-one',\n true: 1}", remove("key"), "json5", /cannot be edited at line 2, column 2/],
  ["a line end only one parser knows", "{key: 'test-key-one', // a\u2028b: 1}", remove("key"), "json5", /line 1/],
] as const)("refuses %s, with the position and nothing of the text", (_, text, change, dialect, message) => {
  const refused = refusal(text, change, dialect);
  expect(refused).toMatchObject({ code: "json-invalid", message: expect.stringMatching(message) });
  expect(refused.message).not.toContain("test-key");
});

test.each([
  ["a name on the way that occurs twice", "{ p: { a: 1 }, p: { a: 2 } }", set(["p", "a"], 3), "p occurs twice"],
  ["an escaped name that occurs twice", String.raw`{ "a b": 1, "\u0061 b": 2 }`, remove("a b"), '["a b"] occurs twice'],
  ["a way through text", '{ p: { "x:y": "test-key-one" } }', set(["p", "x:y", "z"], 1), 'p["x:y"] has no members'],
  ["an index past the end", "[1]", set(["2"], 1), "(top level) is a list of 1"],
  ["a name in a list", "{ l: [1] }", set(["l", "__proto__"], 1), "l is a list of 1"],
  ["an odd index", "{ l: [1, 2] }", set(["l", "01"], 1), "l is a list of 2"],
  ["the whole document", "{}", set([], { a: 1 }), "it is the whole document"],
])("refuses %s and names the path", (_, text, change, message) => {
  const refused = refusal(text, change);
  expect(refused).toMatchObject({ code: "json-path-refused", message: expect.stringContaining(message) });
  expect(refused.message).not.toContain("test-key");
});

test("names that occur twice elsewhere are not its business", () => {
  expect(editJson("{ a: 1, a: 2, b: 3 }", [set(["b"], 4)], "json5")).toBe("{ a: 1, a: 2, b: 4 }");
});

test.each([
  ["nothing there", remove("a", "b")],
  ["a way through text", remove("key", "b")],
  ["an index past the end", remove("list", "7")],
  ["a value that is spelled oddly", set(["number"], 31)],
])("changes no byte where there is nothing to change: %s", (_, change) => {
  const text = "\uFEFF{ key: 'x',\r\n number: +0x1F, list: [1,], }";
  expect(editJson(text, [change], "json5")).toBe(text);
  expect(editJson("", [remove("a")], "json")).toBe("");
});

test.each([
  ["what an earlier one made", "{}", [set(["a"], {}), set(["a", "b"], 1), remove("a", "b")], '{\n  "a": {}\n}'],
  ["what an earlier one emptied", "{ a: { b: 1 } }", [remove("a", "b"), set(["a", "c"], 2)], '{ a: {"c": 2} }'],
  ["what an earlier one put another value in", "{ a: 1 }", [set(["a"], { b: 1 }), remove("a"), set(["c"], 2)], '{\n  "c": 2\n}'],
  ["that an earlier one took the only space", '{"a": 1,"b":2}', [remove("a"), set(["c"], 3)], '{"b":2,"c":3}'],
  ["that an earlier one took the only quotes", "{ 'a': 1, b: 2 }", [set(["b"], 3), remove("a"), set(["c"], 4)], "{ b: 3, c: 4 }"],
  ["that an earlier one added quotes", "{ b: 2 }", [set(["x:y"], 1), set(["c"], 3)], '{ b: 2, "x:y": 1, "c": 3 }'],
  ["that an earlier one took the name", "{ a: 1 }", [remove("a"), set(["a"], 2), remove("a"), set(["a"], 3)], '{\n  "a": 3\n}'],
  ["that an earlier one took the second of a name", "{ l: [{ a: 1, a: 2 }] }", [remove("l", "0"), set(["l", "0"], 1)], "{ l: [1] }"],
  ["a list that an earlier one shortened", "{ l: [1, 2, 3] }", [remove("l", "0"), remove("l", "1"), set(["l", "1"], 4)], "{ l: [2, 4] }"],
] as const)("a later change sees %s", (_, before, changes, after) => {
  expect(editJson(before, changes, "json5")).toBe(after);
});

test("a change that is refused takes those before it along", () => {
  const changes = [set(["a"], 2), set(["b", "c"], 1)];
  expect(() => editJson("{ a: 1, b: 2 }", changes, "json")).toThrow(expect.objectContaining({ code: "json-invalid" }));
  expect(() => editJson("{ a: 1, b: 2 }", changes, "json5")).toThrow(expect.objectContaining({ code: "json-path-refused" }));
});

test("moves a key to a reference and adds a profile as the recorded apply does", () => {
  const before = `{
  "version": 1,
  "profiles": {
    "openai:default": {
      "type": "api_key",
      "provider": "openai",
      "key": "test-key-one"
    }
  }
}
`;
  const openai = ["profiles", "openai:default"];
  const changes = [
    remove(...openai, "key"),
    set([...openai, "keyRef"], envRef("OPENAI_API_KEY")),
    set(["profiles", "anthropic:manual"], { type: "token", provider: "anthropic", tokenRef: envRef("ANT_TOKEN") }),
  ];
  expect(editJson(before, changes, "json")).toBe(
    '{\n  "version": 1,\n  "profiles": {\n    "openai:default": {\n      "type": "api_key",\n      "provider": "openai",\n      "keyRef": {\n        "source": "env",\n        "provider": "default",\n        "id": "OPENAI_API_KEY"\n      }\n    },\n    "anthropic:manual": {\n      "type": "token",\n      "provider": "anthropic",\n      "tokenRef": {\n        "source": "env",\n        "provider": "default",\n        "id": "ANT_TOKEN"\n      }\n    }\n  }\n}\n',
  );
});

describe("removing", () => {
  test.each([
    ["from the middle of a line", "{ a: 1, key: 2, b: 3 }", "{ a: 1, b: 3 }"],
    ["the last of a line", "{ a: 1, key: 2 }", "{ a: 1 }"],
    ["the only one", "{ key: 2 }", "{}"],
    ["the only one on lines", '{\n  "key": 2,\n}', "{}"],
    ["the only one beside a comment", "{\n  // note\n  key: 2\n}", "{\n  // note\n}"],
    [
      "with the comment on its line, not those around",
      "{\n  // above\n  key: 2, // quotes 2\n  // of b\n  b: 3,\n}",
      "{\n  // above\n  // of b\n  b: 3,\n}",
    ],
    ["the last, with the comma before it", "{\n  a: 1, // of a\n  key: 2 // quotes 2\n  // end\n}", "{\n  a: 1 // of a\n  // end\n}"],
    ["the last, and a trailing comma stays one", "{\n  a: 1,\n  key: 2,\n}", "{\n  a: 1,\n}"],
    ["and leaves the comment of a neighbour on the line", "{ key: 2, /* of b */ b: 1 }", "{ /* of b */ b: 1 }"],
    ["with comments around it on the line", "{ a: 1, /* of key */ key: /* 2 */ 2 /* 2 */, b: 1 }", "{ a: 1, b: 1 }"],
    ["with a comment that ends on its line", "{\n  a: 1,\n  /* of\n     key */ key: 2,\n}", "{\n  a: 1,\n}"],
    ["where commas begin lines", "{ a: 1\n, key: 2 // two\n, b: 3 }", "{ a: 1\n, b: 3 }"],
    ["the last of a shared line", "{\n  a: 1, key: 2, // two\n  b: 3\n}", "{\n  a: 1,\n  b: 3\n}"],
    ["what spans lines", '{\r\n\t"a": 1,\r\n\t"key": {\r\n\t\t"x": [1]\r\n\t},\r\n\t"b": 0x10\r\n}', '{\r\n\t"a": 1,\r\n\t"b": 0x10\r\n}'],
    ["without spaces", '{"a":1,"key":2,"b":3}', '{"a":1,"b":3}'],
  ])("%s", (_, before, after) => {
    expect(editJson(before, [remove("key")], "json5")).toBe(after);
  });

  test("takes an element out of a list", () => {
    expect(editJson("{a:[1,2,3]}", [remove("a", "1")], "json5")).toBe("{a:[1,3]}");
    expect(editJson("[\n  1, // one\n  2, // two\n]", [remove("1")], "json5")).toBe("[\n  1, // one\n]");
  });
});

describe("setting", () => {
  const added = (text: string, value: JsonValue = true) => editJson(text, [set(["new"], value)], "json5");

  test.each([
    ["an empty text", "", '{\n  "new": true\n}\n'],
    ["a byte order mark", "\uFEFF", '\uFEFF{\n  "new": true\n}\n'],
    ["an empty object", "{}", '{\n  "new": true\n}'],
    ["comments alone", "{\n    // note\n}", '{\n    // note\n    "new": true\n}'],
    ["a comment on the line alone", "{ /* note */ }", '{ /* note */ "new": true }'],
    ["lines", "{\r\n\t'a': 1\r\n}", "{\r\n\t'a': 1,\r\n\t\"new\": true\r\n}"],
    ["lines with a trailing comma", '{\n  "a": 1, // of a\n  // end\n}', '{\n  "a": 1, // of a\n  "new": true,\n  // end\n}'],
    ["lines with a comment at the end of the last", '{\n  "a": 1 // of a\n}', '{\n  "a": 1, // of a\n  "new": true\n}'],
    ["names without quotes", "{\n    a: 1\n}", "{\n    a: 1,\n    new: true\n}"],
    ["one line", '{ "a": 1 }', '{ "a": 1, "new": true }'],
    ["one line with a trailing comma", "{ a: 1, /* end */ }", "{ a: 1, new: true, /* end */ }"],
    ["no spaces", '{"a":1}', '{"a":1,"new":true}'],
  ])("adds a member to %s", (_, before, after) => {
    expect(added(before)).toBe(after);
  });

  test("makes what is missing on the way, in the indentation of the file", () => {
    expect(editJson("{\n\t// mine\n\tmodels: {},\n}\n", [set(["models", "providers", "x.y", "apiKey"], envRef("KEY"))], "json5")).toBe(
      '{\n\t// mine\n\tmodels: {\n\t\t"providers": {\n\t\t\t"x.y": {\n\t\t\t\t"apiKey": {\n\t\t\t\t\t"source": "env",\n\t\t\t\t\t"provider": "default",\n\t\t\t\t\t"id": "KEY"\n\t\t\t\t}\n\t\t\t}\n\t\t}\n\t},\n}\n',
    );
  });

  test("puts a value in the place of another and leaves what is around it", () => {
    const before = "{ // top\n  a: 'test-key-one' /* why */, b: .5,\n  l: [1, +2, 'x'], }\n";
    expect(editJson(before, [set(["a"], envRef("A")), set(["l", "1"], null), set(["l", "3"], [])], "json5")).toBe(
      '{ // top\n  a: {\n    source: "env",\n    provider: "default",\n    id: "A"\n  } /* why */, b: .5,\n  l: [1, null, \'x\', []], }\n',
    );
  });

  test.each([['a"b'], ["a.b"], ["a:b"], ["__proto__"], [""], ["constructor"], ["\u2028"], ["0"]])(
    "takes %j for a name like any other",
    (name) => {
      const once = editJson('{ "a": 1 }', [set([name, name], "x")], "json");
      expect(Object.entries(JSON.parse(once))).toContainEqual([name, JSON.parse(`{${JSON.stringify(name)}:"x"}`)]);
      expect(editJson(once, [remove(name)], "json")).toBe('{ "a": 1 }');
    },
  );
});

describe("after any edits", () => {
  const names = ["a", "b", "key", "x:y", "d.e", "__proto__", "", 'q"'];
  const name = fc.constantFrom(...names);
  const leaf = fc.constantFrom<JsonValue>("text", 0, 1.5, true, null, envRef("KEY"), [1, { a: 2 }], {}, []);
  const space = fc.constantFrom("", " ", "\n", "\n  ", "\r\n\t", " /*c*/ ", "\n  // c\n  ", " // c\n", "\n/* c\n c */ ");
  const valueText: fc.Memo<string> = fc.memo((depth) =>
    depth <= 1 ? leafText : fc.oneof(leafText, { arbitrary: listText(depth), weight: 1 }, { arbitrary: objectText(depth), weight: 4 }),
  );
  const leafText = fc.constantFrom("1", "+1", "0x1F", ".5", "'s'", '"t\\\n u"', "null", "{}", "[]", "Infinity", '"// no comment"');
  const nameText = (text: string) => fc.constantFrom(JSON.stringify(text), ...(/^[a-z_]+$/.test(text) ? [text, `'${text}'`] : []));
  const joined = (open: string, close: string, parts: readonly (readonly [string, string, string])[], trailing: boolean, end: string) =>
    open +
    parts.map(([before, part, after], index) => before + part + after + (trailing || index < parts.length - 1 ? "," : "")).join("") +
    end +
    close;
  const listText = (depth: number) =>
    fc
      .tuple(fc.array(fc.tuple(space, valueText(depth - 1), space), { maxLength: 3 }), fc.boolean(), space)
      .map(([parts, trailing, end]) => joined("[", "]", parts, trailing, end));
  const objectText = (depth: number): fc.Arbitrary<string> =>
    fc
      .tuple(fc.uniqueArray(name, { maxLength: 4 }), fc.boolean(), space)
      .chain(([chosen, trailing, end]) =>
        fc
          .tuple(
            ...chosen.map((text) =>
              fc
                .tuple(space, nameText(text), space, valueText(depth - 1), space)
                .map(([before, shown, colon, value, after]): [string, string, string] => [before, `${shown}:${colon}${value}`, after]),
            ),
          )
          .map((parts) => joined("{", "}", parts, trailing, end)),
      );
  const change = fc.tuple(
    fc.array(fc.oneof(name, fc.constantFrom("0", "1")), { minLength: 1, maxLength: 3 }),
    fc.option(leaf, { nil: undefined }),
  );

  test("the text reads as the changed value", { timeout: 30_000 }, () => {
    let changed = 0;
    fc.assert(
      fc.property(objectText(4), fc.array(change, { minLength: 1, maxLength: 4 }), (text, wanted) => {
        let model: unknown = JSON5.parse(text);
        let current = text;
        for (const [path, value] of wanted) {
          const edit: JsonChange = value === undefined ? { path, remove: true } : { path, value };
          const next = modelled(model, path, value);
          const edited = editOr(current, edit);
          expect(isDeepStrictEqual(edited === REFUSED ? REFUSED : JSON5.parse(edited), next)).toBe(true);
          if (edited === REFUSED) continue;
          // What is set is set: only an element that is removed makes room for the next.
          expect(value === undefined || editOr(edited, edit) === edited).toBe(true);
          if (edited !== current) changed += 1;
          [current, model] = [edited, next];
        }
      }),
      { numRuns: 2_000 },
    );
    expect(changed).toBeGreaterThan(1_000);
  });

  test("many in one call make what they make one call at a time", () => {
    fc.assert(
      fc.property(objectText(4), fc.array(change, { minLength: 2, maxLength: 8 }), (text, wanted) => {
        const made: JsonChange[] = [];
        let current = text;
        for (const [path, value] of wanted) {
          const edit: JsonChange = value === undefined ? { path, remove: true } : { path, value };
          const edited = editOr(current, edit);
          if (edited === REFUSED) continue;
          made.push(edit);
          current = edited;
        }
        expect(editJson(text, made, "json5")).toBe(current);
      }),
      { numRuns: 500 },
    );
  });

  test("the comments and spellings of other members are still there", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 2 }),
        fc.nat(),
        fc.boolean(),
        fc.boolean(),
        (members, pick, trailing, isRemoval) => {
          const chosen = members[pick % members.length] ?? "a";
          const lines = members.map((member, index) => {
            const comma = trailing || index < members.length - 1 ? "," : "";
            return [`  /* above ${member} */`, `  ${member}: +0x${index}${comma} // of ${member}`];
          });
          const text = `// top\n{\n${lines.flat().join("\n")}\n  // end\n}\n// bottom\n`;
          const edited = editJson(text, [isRemoval ? remove(chosen) : set([chosen], envRef("KEY"))], "json5");
          for (const part of ["// top", "// end", "// bottom", ...members.map((member) => `/* above ${member} */`)])
            expect(edited).toContain(part);
          for (const [index, member] of members.entries()) {
            const line = new RegExp(`^ {2}${member}: \\+0x${index},? // of ${member}$`, "m");
            expect(line.test(edited)).toBe(member !== chosen);
          }
          expect(edited.includes(`// of ${chosen}`)).toBe(!isRemoval);
        },
      ),
    );
  });
});

const REFUSED = "refused";

function editOr(text: string, edit: JsonChange): string {
  try {
    return editJson(text, [edit], "json5");
  } catch (error) {
    if (error instanceof HomeError && error.code === "json-path-refused") return REFUSED;
    throw error;
  }
}

/** The same change of the value the text stands for. */
function modelled(value: unknown, [segment = "", ...rest]: readonly string[], wanted: JsonValue | undefined): unknown {
  const isList = Array.isArray(value);
  const isMissing = typeof value !== "object" || value === null || (isList && !(/^\d$/.test(segment) && Number(segment) <= value.length));
  if (isMissing) return wanted === undefined ? value : REFUSED;
  const entries = new Map<string, unknown>(Object.entries(value));
  if (rest.length === 0 && wanted === undefined) entries.delete(segment);
  else if (wanted !== undefined || entries.has(segment)) {
    const inner = rest.length === 0 ? wanted : modelled(entries.has(segment) ? entries.get(segment) : {}, rest, wanted);
    if (inner === REFUSED) return inner;
    entries.set(segment, inner);
  }
  return isList ? [...entries.values()] : Object.fromEntries(entries);
}
