import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

const names = ["openai", "openrouter", "OPENAI_API_KEY", "models.providers.openai.apiKey", "gateway.auth.token"];

test.each([
  ["opnai", ["openai"]],
  ["OPENAI_APIKEY", ["OPENAI_API_KEY"]],
  ["models.providers.opneai.apikey", ["models.providers.openai.apiKey"]],
  ["gateway.auth.tokne", ["gateway.auth.token"]],
  ["something-else-entirely", []],
  ["", []],
])("%s", (text, found) => {
  expect(nearest(text, names)).toEqual(found);
});
