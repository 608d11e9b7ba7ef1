import { describe, expect, test } from "vitest";
import { isKeyCompanion, keyVariables } from "./key-variables.ts";

test.each([
  ["openai", "OPENAI"],
  ["openai-codex", "OPENAI_CODEX"],
  ["anthropic", "ANTHROPIC"],
  ["google-gemini-cli", "GOOGLE_GEMINI_CLI"],
])("the variables of %s begin with %s", (provider, prefix) => {
  expect(keyVariables(provider)).toEqual({
    live: `OPENCLAW_LIVE_${prefix}_KEY`,
    list: `${prefix}_API_KEYS`,
    primary: `${prefix}_API_KEY`,
    prefix: `${prefix}_API_KEY_`,
    fallback: [],
  });
});

test.each(["google", "google-vertex"])("%s uses GEMINI and falls back to GOOGLE_API_KEY", (provider) => {
  expect(keyVariables(provider)).toMatchObject({ primary: "GEMINI_API_KEY", fallback: ["GOOGLE_API_KEY"] });
});

describe("companions hold no key", () => {
  test.each(["FILE", "PATH", "HELPER", "REF", "CMD", "COMMAND", "URL", "2_FILE"])("OPENAI_API_KEY_%s", (suffix) => {
    expect(isKeyCompanion(`OPENAI_API_KEY_${suffix}`)).toBe(true);
  });

  test.each(["1", "FILE_2", "PROFILE", "WORK", "file"])("OPENAI_API_KEY_%s is a key", (suffix) => {
    expect(isKeyCompanion(`OPENAI_API_KEY_${suffix}`)).toBe(false);
  });
});
