import { expect, test } from "vitest";
import { isSensitiveHeader } from "./sensitive-header.ts";

test.each([
  "Authorization",
  "proxy-authorization",
  "X-Api-Key",
  "apikey",
  "x-goog-api-key",
  "X-Session-Token",
  "my-password",
  "x-credential-id",
])("%s carries a credential", (name) => {
  expect(isSensitiveHeader(name)).toBe(true);
});

test.each(["X-Title", "HTTP-Referer", "User-Agent", "anthropic-version", "x-authorization-mode"])("%s carries none", (name) => {
  expect(isSensitiveHeader(name)).toBe(false);
});
