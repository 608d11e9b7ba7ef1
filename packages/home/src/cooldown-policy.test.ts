import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";
import { cooldownPolicy } from "./cooldown-policy.ts";

const HOUR = 3_600_000;
const policyOf = (cooldowns?: object) => cooldownPolicy(parseConfig(JSON.stringify({ auth: { cooldowns } }), "openclaw.json"));

test("what is not set is what holds unless a policy says otherwise", () => {
  expect(policyOf()).toEqual({});
  expect(cooldownPolicy({})).toEqual({});
});

test("hours of the configuration are milliseconds of the policy", () => {
  const cooldowns = { billingBackoffHours: 5, billingMaxHours: 24, failureWindowHours: 0.5, maxWaitMs: 7, rateLimitedProfileRotations: 1 };
  expect(policyOf(cooldowns)).toEqual({ billingMs: 5 * HOUR, billingMaxMs: 24 * HOUR, forgetMs: HOUR / 2 });
});

test("a provider has its own first window, under any spelling, its own before others", () => {
  const billingBackoffHoursByProvider = { "Z.AI": 1, "z-ai": 2, zai: 3, "volcengine-plan": 4, Mine: 0 };
  expect(policyOf({ billingBackoffHoursByProvider })).toEqual({ billingMsByProvider: { zai: 3 * HOUR, volcengine: 4 * HOUR, mine: 0 } });
});
