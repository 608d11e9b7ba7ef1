import { createRedactor, Secret } from "@openclaw/secrets";
import { expect, test } from "vitest";
import { createSentSecrets } from "./sent-secrets.ts";

test("the last secrets of each credential are known, and those of others stay", () => {
  const redactor = createRedactor();
  const secrets = createSentSecrets(redactor);
  secrets.remember("other", Secret.of("test-key-other"));
  const accesses = Array.from({ length: 12 }, (_, hour) => Secret.of(`test-access-${hour}`));
  for (const access of accesses) {
    secrets.remember("login", access);
    secrets.remember("login", access);
  }
  expect(accesses.map((access) => redactor.has(access))).toEqual(accesses.map((_, hour) => hour >= 4));
  expect(redactor.text("test-key-other test-access-11")).toBe("[redacted] [redacted]");
});

test("what somebody else taught the redactor is not withdrawn", () => {
  const redactor = createRedactor();
  const mine = Secret.of("test-access-mine");
  redactor.add(mine);
  const secrets = createSentSecrets(redactor);
  secrets.remember("login", mine);
  for (let hour = 0; hour < 12; hour += 1) secrets.remember("login", Secret.of(`test-access-${hour}`));
  expect(redactor.has(mine)).toBe(true);
});
