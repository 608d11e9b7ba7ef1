import { providerSpecs } from "@openclaw/providers";
import { expect, test } from "vitest";
import { isCredentialVariable, isLiveKeyVariable } from "./credential-variable.ts";

test("every variable of every known provider is one", () => {
  const variables = providerSpecs.flatMap((spec) => spec.env);
  expect(variables.length).toBeGreaterThan(50);
  expect(variables.filter((name) => !isCredentialVariable(name))).toEqual([]);
});

test.each([
  "OPENAI_API_KEYS",
  "OPENAI_API_KEY_2",
  "OPENAI_API_KEY_WORK",
  "OPENCLAW_LIVE_OPENAI_KEY",
  "GEMINI_API_KEY_10",
  "GOOGLE_API_KEY",
  "AMAZON_BEDROCK_API_KEYS",
])("a rotation variable is one: %s", (name) => {
  expect(isCredentialVariable(name)).toBe(true);
});

test.each([
  "OPENAI_API_KEY_",
  "OPENAI_API_KEY_FILE",
  "OPENAI_API_KEY_HELPER",
  "OPENAI_BASE_URL",
  "openai_api_key",
  "MY_OPENAI_API_KEY",
  "MINE_API_KEY",
  "OPENCLAW_LIVE_MINE_KEY",
  "DATABASE_PASSWORD",
  "PATH",
  "",
])("%j is none", (name) => {
  expect(isCredentialVariable(name)).toBe(false);
});

test("those of a provider that is configured count too, under any spelling of its id", () => {
  const mine = ["MINE_API_KEY", "MINE_API_KEYS", "MINE_API_KEY_3", "OPENCLAW_LIVE_MINE_KEY"];
  expect(mine.filter((name) => !isCredentialVariable(name, ["Mine"]))).toEqual([]);
  expect(isCredentialVariable("VOLCENGINE_API_KEY_2", ["volcengine-plan"])).toBe(true);
  expect(isCredentialVariable("MINE_API_KEY_FILE", ["mine"])).toBe(false);
});

test("a live key is known by its shape, whatever its provider", () => {
  expect(["OPENCLAW_LIVE_OPENAI_KEY", "OPENCLAW_LIVE_MY_OWN_KEY"].every((name) => isLiveKeyVariable(name))).toBe(true);
  expect(["OPENCLAW_LIVE_KEY", "OPENCLAW_LIVE__KEY_FILE", "OPENCLAW_HOME"].some((name) => isLiveKeyVariable(name))).toBe(false);
});
