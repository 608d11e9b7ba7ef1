import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findModel, findRepeatedModels, replaceModel } from "./model-member.ts";

const bytes = (text: string) => Buffer.from(text);

describe("finding and replacing the model", () => {
  test.each([
    ['{"model":"a"}', "a", '{"model":"new"}'],
    [' \n{ "model" : "a" , "n": 1 }', "a", ' \n{ "model" : "new" , "n": 1 }'],
    ['{"messages":[{"model":"inner"}],"model":"a"}', "a", '{"messages":[{"model":"inner"}],"model":"new"}'],
    [String.raw`{"text":"\\\"model\":","model":"a"}`, "a", String.raw`{"text":"\\\"model\":","model":"new"}`],
    [String.raw`{"text":"ends in a slash \\","model":"a\/b"}`, "a/b", String.raw`{"text":"ends in a slash \\","model":"new"}`],
    [String.raw`{"\u006dodel":"a"}`, "a", String.raw`{"\u006dodel":"new"}`],
    [
      '{"n":-1.5e3,"t":true,"x":null,"o":{},"l":[[]],"model":"\u00e9"}',
      "\u00e9",
      '{"n":-1.5e3,"t":true,"x":null,"o":{},"l":[[]],"model":"new"}',
    ],
  ])("%s", (text, model, replaced) => {
    const found = findModel(bytes(text));
    expect(found.model).toBe(model);
    expect(replaceModel(bytes(text), [found], "new").toString()).toBe(replaced);
  });

  test("agrees with JSON.parse on any object, and changes nothing else", () => {
    const object = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("modelx", "mod", "mode1")), fc.jsonValue());
    fc.assert(
      fc.property(object, object, fc.string(), fc.string(), fc.constantFrom(undefined, 2, "\t"), (before, after, model, other, indent) => {
        const value = { ...before, model, ...after, ...(Object.hasOwn(after, "model") && { model }) };
        const body = bytes(JSON.stringify(value, undefined, indent));
        const found = findModel(body);
        expect(found.model).toBe(model);
        expect(JSON.parse(replaceModel(body, [found], other).toString())).toEqual(JSON.parse(JSON.stringify({ ...value, model: other })));
      }),
    );
  });

  test("the body itself comes back when the name stays", () => {
    const body = bytes('{"model":"a"}');
    expect(replaceModel(body, [findModel(body)], "a")).toBe(body);
  });

  test.each([
    "",
    "null",
    "[]",
    "{",
    '{"model"',
    '{"model":',
    '{"model":"a"',
    '{"model":"a",',
    '{"model":1}',
    '{"model":["a"]}',
    '{"a":1}',
    '{model:"a"}',
    '{"model":"a","model":"a"}',
    '{"model":"a","Model":"b"}',
    '{"mode\\u004c":"b","model":"a"}',
    '{"a":"unclosed}',
  ])("%s is refused", (text) => {
    expect(() => findModel(bytes(text))).toThrow(expect.objectContaining({ code: "invalid-request" }));
  });

  test("deep nesting and any cut of a body end quickly", () => {
    const deep = bytes(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)},"model":"m"}`);
    expect(findModel(deep).model).toBe("m");
    const text = '{"messages":[{"role":"user","content":"say \\"hi\\""}],"model":"m","n":[1,{"a":{}}]}';
    for (let length = 0; length < text.length; length += 1) expect(() => findModel(bytes(text.slice(0, length)))).toThrow();
  });
});

describe("what Google's requests repeat of their path", () => {
  const replaced = (text: string) => replaceModel(bytes(text), findRepeatedModels(bytes(text)), "models/new").toString();

  test.each([
    ['{"contents":[{"model":"inner"}]}', '{"contents":[{"model":"inner"}]}'],
    ['{ "model" : "models/a" ,"n": 1}', '{ "model" : "models/new" ,"n": 1}'],
    [
      '{"requests":[ {"model":"models/a","content":{"model":"x"}} , {"content":{"model":"x"},"model":"b"},{}, 7 ]}',
      '{"requests":[ {"model":"models/new","content":{"model":"x"}} , {"content":{"model":"x"},"model":"models/new"},{}, 7 ]}',
    ],
    ['{"generateContentRequest":{"model":"a","contents":[]}}', '{"generateContentRequest":{"model":"models/new","contents":[]}}'],
    [
      '{"requests":{"model":"a"},"generateContentRequest":[{"model":"a"}]}',
      '{"requests":{"model":"a"},"generateContentRequest":[{"model":"a"}]}',
    ],
    ['{"model":"a","model":"b"}', '{"model":"models/new","model":"models/new"}'],
    [String.raw`{"re\u0071uests":[{"m\u006fdel":"a"}]}`, String.raw`{"re\u0071uests":[{"m\u006fdel":"models/new"}]}`],
    [" {} ", " {} "],
  ])("%s", (text, expected) => {
    expect(replaced(text)).toBe(expected);
  });

  test.each([
    "[]",
    '{"model":1}',
    '{"requests":[{"model":null}]}',
    '{"requests":[{"model":"a"}',
    '{"requests":["a" "b"]}',
    '{"model":"a" "b"}',
  ])("%s is refused", (text) => {
    expect(() => findRepeatedModels(bytes(text))).toThrow(expect.objectContaining({ code: "invalid-request" }));
  });
});
