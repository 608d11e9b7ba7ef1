import { inspect } from "node:util";
import { expect, test } from "vitest";
import { createSecretResolver } from "./resolver.ts";
import { parseSecretRef } from "./secret-ref.ts";

const resolver = createSecretResolver({ env: { GOOD: " test-key-one\n", BLANK: " ", BROKEN: "test\u001Bkey-two" } });
const errorOf = (value: unknown) => {
  try {
    resolver.resolve(parseSecretRef(value));
  } catch (error) {
    return error;
  }
  return undefined;
};

test("reads an environment variable, cleaned", () => {
  expect(resolver.resolve(parseSecretRef("${GOOD}")).reveal()).toBe("test-key-one");
});

test.each([
  ["${ABSENT}", "reference-unresolved", 'Environment variable "ABSENT" is missing or empty.'],
  ["${BLANK}", "reference-unresolved", 'Environment variable "BLANK" is missing or empty.'],
  ["${BROKEN}", "reference-unresolved", 'Environment variable "BROKEN" holds characters that no key has.'],
  [
    { source: "env", provider: "other", id: "GOOD" },
    "reference-unresolved",
    'Secret provider "other" is not configured (ref: env:other:GOOD)',
  ],
  [{ source: "file", id: "/a" }, "source-unsupported", "file:default:/a: file references cannot be resolved by this version"],
  [{ source: "exec", id: "a" }, "source-unsupported", "exec:default:a: exec references cannot be resolved by this version"],
])("%j cannot be resolved: %s", (value, code, message) => {
  const error = errorOf(value);
  expect(error).toMatchObject({ name: "SecretsError", code, message });
  expect(inspect(error)).not.toContain("key-two");
});

test("says what to do about a missing variable", () => {
  expect(errorOf("${ABSENT}")).toMatchObject({ hint: "set ABSENT in the environment or in the .env file of the state folder" });
  expect(errorOf({ source: "exec", id: "a" })).toMatchObject({ hint: expect.stringContaining("${NAME}") });
});
