import { Secret } from "@openclaw/secrets";
import { expect, test } from "vitest";
import { publicPrefix, publicPrefixes } from "./public-prefix.ts";

test.each([
  ["sk-ant-api03-test-key-one", "sk-ant-api03-"],
  ["sk-ant-oat01-test-token", "sk-ant-oat01-"],
  ["sk-proj-test-key", "sk-proj-"],
  ["AIzatestkey", "AIza"],
  ["github_pat_test", "github_pat_"],
  ["sk-test-key-one", ""],
  ["sk-ant-other", ""],
  ["AIz", ""],
  ["", ""],
])("of %j only %j is shown", (value, prefix) => {
  expect(publicPrefix(Secret.of(value))).toBe(prefix);
});

test("markers are short and come longest first, so that the most exact one is found", () => {
  const lengths = publicPrefixes.map((prefix) => prefix.length);
  expect(lengths).toEqual(lengths.toSorted((left, right) => right - left));
  expect(Math.max(...lengths)).toBeLessThan(16);
  expect(Math.min(...lengths)).toBeGreaterThan(2);
});
