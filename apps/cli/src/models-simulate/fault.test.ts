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

test.each(["", "200", "4290", "ratelimit", "429@", "429@0s", "429@soon", "429@1h@1h", "429@10", "toString", "\u001B[2J"])(
  "refuses %j",
  (text) => {
    expect(() => parseFault(text)).toThrow(expect.objectContaining({ name: "CliError" }));
  },
);

test("names what is like a class that was misspelt", () => {
  expect(() => parseFault("ratelimit")).toThrow(expect.objectContaining({ hint: "did you mean rate_limit?" }));
});

test.each(["timeout@5h", "500@1m", "overloaded@30s", "billing@1h", "401@1m", "auth_permanent@1m"])(
  "%s is an error: no hint is heeded there",
  (text) => {
    expect(() => parseFault(text)).toThrow(
      expect.objectContaining({
        message: `--fail ...=${text}: nobody heeds when to come back after that.`,
        hint: expect.stringContaining("429@30s"),
      }),
    );
  },
);

test("a hint that is left out names the flag and what is expected", () => {
  expect(() => parseFault("429@")).toThrow(
    expect.objectContaining({ message: "--fail ...=429@: a length of time is expected behind the @.", hint: "for example 429@30s" }),
  );
});
