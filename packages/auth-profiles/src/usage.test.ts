import { describe, expect, test } from "vitest";
import { currentWindow, parseStateUsage, parseUsageStats } from "./usage.ts";

describe("auth-state.json", () => {
  test("windows by model, with what kind they are", () => {
    const usage = parseStateUsage({
      "p:a": {
        lastUsed: 50,
        generation: 3,
        windows: { "*": { until: 900, reason: "billing", count: 2 }, "gpt-5": { until: 700, reason: "rate_limit", count: 1 } },
      },
    });
    expect(usage.get("p:a")).toEqual({
      lastUsed: 50,
      windows: {
        "*": { until: 900, reason: "billing", count: 2, kind: "disabled" },
        "gpt-5": { until: 700, reason: "rate_limit", count: 1, kind: "cooldown" },
      },
    });
  });

  test.each([[undefined], [null], ["text"], [[1]], [{ "p:a": 7 }]])("%j is no usage", (credentials) => {
    expect(parseStateUsage(credentials).size).toBe(0);
  });

  test("a window without a usable end is none", () => {
    const usage = parseStateUsage({ "p:a": { lastUsed: "yesterday", windows: { "*": { until: "soon" }, m: null, n: { until: -1 } } } });
    expect(usage.get("p:a")).toEqual({ windows: {} });
  });

  test("ids and models called __proto__ are ids and models", () => {
    const usage = parseStateUsage(JSON.parse('{"__proto__":{"windows":{"__proto__":{"until":9,"reason":"rate_limit"}}}}'));
    expect(Object.keys(usage.get("__proto__")?.windows ?? {})).toEqual(["__proto__"]);
    expect(Object.hasOwn(Object.prototype, "until")).toBe(false);
  });
});

describe("usageStats of older stores", () => {
  test("a cooldown whose reason was not kept", () => {
    const stats = { cooldownUntil: 4_102_444_800_000, errorCount: 3, failureCounts: { rate_limit: 3 }, lastFailureAt: 1_700_000_000_000 };
    expect(parseUsageStats({ "anthropic:default": stats }).get("anthropic:default")).toEqual({
      windows: { "*": { until: 4_102_444_800_000, reason: "unknown", count: 3, kind: "cooldown" } },
    });
  });

  test("a cooldown of one model beside a disabled credential", () => {
    const stats = {
      lastUsed: 5,
      cooldownUntil: 100,
      cooldownReason: "rate_limit",
      cooldownModel: "gpt-5",
      disabledUntil: 200,
      disabledReason: "billing",
      failureCounts: { billing: 2 },
    };
    expect(parseUsageStats({ "p:a": stats }).get("p:a")).toEqual({
      lastUsed: 5,
      windows: {
        "gpt-5": { until: 100, reason: "rate_limit", kind: "cooldown" },
        "*": { until: 200, reason: "billing", count: 2, kind: "disabled" },
      },
    });
  });

  test("of two windows for all models the one that ends last is kept", () => {
    const cooldown = parseUsageStats({ p: { cooldownUntil: 300, disabledUntil: 200 } }).get("p");
    const disabled = parseUsageStats({ p: { cooldownUntil: 100, disabledUntil: 200 } }).get("p");
    expect([cooldown?.windows["*"]?.kind, disabled?.windows["*"]?.kind]).toEqual(["cooldown", "disabled"]);
  });
});

describe("the window that counts now", () => {
  const usage = parseStateUsage({
    p: { windows: { "*": { until: 100, reason: "rate_limit" }, m: { until: 200, reason: "rate_limit" } } },
  }).get("p");

  test.each([
    ["before either ends, for no model", 50, undefined, 100],
    ["for the model, the later end", 50, "m", 200],
    ["for another model", 50, "n", 100],
    ["at its very end it is over", 100, undefined, undefined],
    ["the model's goes on", 150, "m", 200],
  ])("%s", (_name, now, model, until) => {
    expect(currentWindow(usage, now, model)?.until).toBe(until);
  });
});
