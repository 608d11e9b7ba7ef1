import { findProvider } from "@openclaw/providers";
import { expect, test } from "vitest";
import { exampleOf, failureClasses, failureOf, parseFault } from "./fault.ts";

const NOW = 1_000_000;

test.each(["anthropic", "openai", "google", "openrouter", undefined])(
  "every class is what the classifier makes of its example (%s)",
  (id) => {
    const spec = id === undefined ? undefined : findProvider(id);
    for (const name of failureClasses) expect([name, exampleOf(name, spec, NOW).class]).toEqual([name, name]);
  },
);

test.each([
  ["429", "rate_limit", undefined],
  ["402", "billing", undefined],
  ["401", "auth", undefined],
  ["529", "overloaded", undefined],
  ["500", "server", undefined],
  ["timeout", "timeout", undefined],
  ["Rate_Limit", "rate_limit", undefined],
  ["auth_permanent", "auth_permanent", undefined],
  ["429@5h", "rate_limit", NOW + 5 * 3_600_000],
  ["rate_limit@30s", "rate_limit", NOW + 30_000],
])("%s is judged %s", (text, failureClass, retryAt) => {
  const failure = failureOf(parseFault(text), findProvider("anthropic"), NOW);
  expect([failure.class, failure.retryAt]).toEqual([failureClass, retryAt]);
});

test.each(["", "200", "4290", "ratelimit", "429@", "429@0s", "429@soon", "429@1h@1h", "toString", "\u001B[2J"])("refuses %j", (text) => {
  expect(() => parseFault(text)).toThrow(expect.objectContaining({ name: "CliError" }));
});

test("names what is like a class that was misspelt", () => {
  expect(() => parseFault("ratelimit")).toThrow(expect.objectContaining({ hint: "did you mean rate_limit?" }));
});
