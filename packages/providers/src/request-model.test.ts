import { expect, test } from "vitest";
import { findRequestModel } from "./request-model.ts";

const large = "x".repeat(100_000);

test.each<[string, string, string | undefined, string | undefined]>([
  ["the first member", "/v1/chat/completions", '{"model":"gpt-5","messages":[]}', "gpt-5"],
  ["the first member of a large body", "/v1/chat/completions", ` {\n "model" : "gpt-5", "input": "${large}"}`, "gpt-5"],
  ["an escape in it", "/v1/chat/completions", '{"model":"a\\u0062\\"c"}', 'ab"c'],
  ["a later member", "/v1/messages", `{"messages":[{"model":"other"}],"text":"${large}","model":"claude"}`, "claude"],
  ["a model within is not it", "/v1/messages", '{"a":{"model":"other"}}', undefined],
  ["a model that is no text", "/v1/messages", '{"model":5}', undefined],
  ["an empty one", "/v1/messages", '{"model":""}', undefined],
  ["no JSON", "/v1/messages", '{"model', undefined],
  ["a list", "/v1/messages", '[{"model":"a"}]', undefined],
  ["a form", "/v1/audio", '--b\r\ncontent-disposition: form-data; name="model"', undefined],
  ["no body", "/v1/models", undefined, undefined],
  ["Google's path", "/v1beta/models/gemini-3:streamGenerateContent", "{}", "gemini-3"],
  ["Vertex", "/v1/projects/p/locations/l/publishers/google/models/gemini-3:generateContent", "{}", "gemini-3"],
  ["a tuned model", "/v1beta/tunedModels/mine:generateContent", "{}", "mine"],
  ["Azure", "/openai/deployments/my%20gpt/chat/completions", "{}", "my gpt"],
  ["a broken escape", "/models/%zz:x", undefined, "%zz"],
  ["the path wins", "/models/a:x", '{"model":"b"}', "a"],
  ["a look at a model asks for none", "/v1/models/gpt-5", undefined, undefined],
])("%s", (_, path, body, expected) => {
  expect(findRequestModel(path, body === undefined ? null : Buffer.from(body))).toBe(expected);
});
