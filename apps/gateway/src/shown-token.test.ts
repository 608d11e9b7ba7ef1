import { expect, test } from "vitest";
import { shownToken } from "./shown-token.ts";

test.each([
  [{ authorization: "Bearer test-token" }, "test-token"],
  [{ authorization: "bearer test-token" }, "test-token"],
  [{ authorization: "BEARER   test-token" }, "test-token"],
  [{ "x-api-key": "test-token" }, "test-token"],
  [{ "x-goog-api-key": "test-token" }, "test-token"],
  [{ authorization: "Bearer test-token", "x-api-key": "test-token", "x-goog-api-key": "test-token" }, "test-token"],
  [{ authorization: "Bearer test-token", "x-api-key": "" }, "test-token"],
  [{ authorization: "Basic dGVzdA==", "x-api-key": "test-token" }, "test-token"],
  [{ authorization: `Bearer ${"t".repeat(1_000_000)}` }, "t".repeat(1_000_000)],
  [{ authorization: "Bearer töken" }, "töken"],
])("G6: %j shows a token", (headers, token) => {
  expect(shownToken(headers)).toBe(token);
});

test.each([
  {},
  { authorization: "" },
  { authorization: "Bearer" },
  { authorization: "Bearer  " },
  { authorization: "Basic dGVzdA==" },
  { authorization: "test-token" },
  { authorization: "Bearer:test" },
  { authorization: "Bearer\ttest-token" },
  { "x-api-key": "" },
])("G6: %j shows none", (headers) => {
  expect(shownToken(headers)).toBeUndefined();
});

test.each([
  { authorization: "Bearer test-one", "x-api-key": "test-two" },
  { "x-api-key": "test-one", "x-goog-api-key": "test-two" },
  { authorization: "Bearer test-one", "x-api-key": "test-one", "x-goog-api-key": "test-two" },
])("G6: %j shows two, and nobody could say which counts", (headers) => {
  expect(() => shownToken(headers)).toThrow(expect.objectContaining({ code: "invalid-request" }));
});
