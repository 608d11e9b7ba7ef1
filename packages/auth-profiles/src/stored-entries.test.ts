import { expect, test } from "vitest";
import { storedEntries } from "./stored-entries.ts";

const key = { type: "api_key", provider: "openai", key: "test-key-one" };
const found = (store: Readonly<Record<string, unknown>>) =>
  storedEntries(store).map(({ id, path, isRead }) => `${id} at ${path.join(".")}${isRead ? "" : ", unread"}`);

test("tells where each account stands, and what its place says of it", () => {
  expect(found({ version: 1, profiles: { "openai:a": key, "openai:b": "x" } })).toEqual(["openai:a at profiles.openai:a"]);
  expect(storedEntries({ groq: { apiKey: "test-key-two" }, notes: { by: "me" } })).toEqual([
    { id: "groq:default", path: ["groq"], entry: { apiKey: "test-key-two", type: "api_key", provider: "groq" }, isRead: true },
  ]);
});

test("names accounts that nobody reads: those beside profiles, and a second one of an id", () => {
  expect(found({ profiles: {}, openai: key })).toEqual(["openai:default at openai, unread"]);
  expect(found({ openai: key, "openai:default": key })).toEqual(["openai:default at openai", "openai:default at openai:default, unread"]);
});
