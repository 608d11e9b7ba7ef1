import type { Dialect } from "@openclaw/providers";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findCommand } from "./find-command.ts";

const find = (request: unknown, dialect: Dialect = "openai-completions") => findCommand(Buffer.from(JSON.stringify(request)), dialect);
const user = (content: unknown) => ({ role: "user", content });
const assistant = (content: unknown) => ({ role: "assistant", content });
const text = (value: string, type = "text") => ({ type, text: value });
const list = { command: { kind: "list" }, body: undefined };

describe("the last text of the user", () => {
  test.each<readonly [string, Dialect, object]>([
    ["a message", "openai-completions", { messages: [user("/model list")] }],
    ["behind others", "openai-completions", { messages: [user("hi"), assistant("hello"), user("/model list")] }],
    ["the last part", "openai-completions", { messages: [user([text("a document"), text("/model list"), { type: "image_url" }])] }],
    ["before a system message", "openai-completions", { messages: [user("/model list"), { role: "system", content: "be kind" }] }],
    ["a part", "anthropic-messages", { messages: [user([{ type: "tool_result", content: "x" }, text("/model list")])] }],
    ["a message", "anthropic-messages", { system: "/new", messages: [user("/model list")] }],
    ["the input", "openai-responses", { input: "/model list" }],
    ["an item", "openai-responses", { input: [user("/model list")] }],
    ["a part of an item", "openai-responses", { input: [{ type: "message", ...user([text("/model list", "input_text")]) }] }],
    ["a part", "google-generative-ai", { contents: [{ role: "user", parts: [{ text: "hi" }, { text: "/model list" }] }] }],
    ["a part of nobody's", "google-generative-ai", { contents: [{ parts: [{ text: "/model list" }] }] }],
  ])("counts: %s (%s)", (_what, dialect, request) => {
    expect(find(request, dialect)).toEqual(list);
  });

  test.each<readonly [string, Dialect, object]>([
    ["an earlier message", "openai-completions", { messages: [user("/model list"), assistant("1. opus"), user("thanks")] }],
    ["one that was answered", "openai-completions", { messages: [user("/model list"), assistant("1. opus")] }],
    ["a system prompt", "openai-completions", { messages: [{ role: "system", content: "/model list" }, user("hi")] }],
    ["what a tool says", "openai-completions", { messages: [user("hi"), assistant(null), { role: "tool", content: "/model list" }] }],
    ["an answer", "openai-completions", { messages: [user("hi"), assistant("/model list")] }],
    ["an earlier part", "openai-completions", { messages: [user([text("/model list"), text("and more")])] }],
    ["the middle of a text", "openai-completions", { messages: [user("run\n/model list")] }],
    ["a result of a tool", "anthropic-messages", { messages: [user([{ type: "tool_result", content: [text("/model list")] }])] }],
    ["a document", "anthropic-messages", { messages: [user([{ type: "document", source: text("/model list") }, text("hi")])] }],
    ["the system prompt", "anthropic-messages", { system: "/model list", messages: [user("hi")] }],
    ["instructions", "openai-responses", { instructions: "/model list", input: "hi" }],
    ["what a function gave", "openai-responses", { input: [user("hi"), { type: "function_call_output", output: "/model list" }] }],
    [
      "a function's answer",
      "google-generative-ai",
      { contents: [{ role: "user", parts: [{ functionResponse: { response: { text: "/model list" } } }] }] },
    ],
    ["an instruction", "google-generative-ai", { systemInstruction: { parts: [{ text: "/model list" }] }, contents: [] }],
    ["no conversation", "openai-completions", { prompt: "/model list", messages: "/model" }],
  ])("is not %s (%s)", (_what, dialect, request) => {
    expect(find(request, dialect)).toBeUndefined();
  });

  test("is not what is no JSON", () => {
    expect(findCommand(Buffer.from('{"messages":[{"role":"user","content":"/model list"}'), "openai-completions")).toBeUndefined();
  });

  test("holds for its message while tools are used", () => {
    const said = [user("/model opus add 1 and 2"), assistant(null), { role: "tool", content: "3" }];
    expect(find({ messages: said })?.command).toEqual({ kind: "use", name: "opus" });
  });
});

describe("a message that goes on", () => {
  test("loses the command and no other byte", () => {
    const body = String.raw`{ "model":"m",
      "messages" : [ {"role":"user","content":"/model x earlier"}, {"content":[{"text":"\/model \u006fpus\u0040w\u00e9 \n  W\u00e9 \ud83d\ude00 caf\u00e9 é /model y","type":"text"} ], "role":"user"} ] ,"n":1e0 }`;
    const expected = body.replace(String.raw`\/model \u006fpus\u0040w\u00e9 \n  `, "");
    const found = findCommand(Buffer.from(body), "openai-completions");
    expect(found?.command).toEqual({ kind: "use", name: "opus@wé" });
    expect(found?.body?.toString()).toBe(expected);
  });

  test("counts the last of two members of one name, as whoever parses it does", () => {
    const body = '{"messages":[{"role":"user","content":"/model a one"}],"messages":[{"role":"user","content":"/model b two"}]}';
    const found = findCommand(Buffer.from(body), "openai-completions");
    expect(found?.command).toEqual({ kind: "use", name: "b" });
    expect(found?.body?.toString()).toBe(body.replace("/model b ", ""));
  });

  test("is the same message without it, whatever it says", () => {
    const word = fc.string({ unit: "grapheme", minLength: 1 }).filter((each) => /^[^ \t\r\n]+$/u.test(each) && !each.startsWith(":"));
    const rest = fc.string({ unit: "binary", minLength: 1 }).filter((each) => /^[^ \t\r\n]/u.test(each) && each.isWellFormed());
    fc.assert(
      fc.property(word, rest, fc.string(), (name, more, before) => {
        const request = (content: string) => ({ before, messages: [user(content)], after: [1, "/model"] });
        const found = find(request(`/model ${name} ${more}`));
        expect(found?.body?.toString()).toBe(JSON.stringify(request(more)));
      }),
    );
  });
});
