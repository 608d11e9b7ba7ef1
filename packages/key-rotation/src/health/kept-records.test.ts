import { fakeCandidate, manualClock } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import type { Failure } from "../failure.ts";
import type { Plan } from "../plan.ts";
import { createHealth } from "./health.ts";
import { heededUntil } from "./kept-records.ts";
import type { HealthRecords, WindowRecord } from "./record.ts";
import { defaultCooldownPolicy } from "./window.ts";

const minute = 60_000;
const hour = 60 * minute;
const limited: Failure = { class: "rate_limit", scope: "model", rule: "test" };
const unpaid: Failure = { class: "billing", scope: "credential", rule: "test" };

const profile = { ...fakeCandidate("openai:work", { via: "profile" }), store: "/agent/auth-profiles.json", profileId: "openai:work" };
const key = fakeCandidate("#12345678");
const plan: Plan = { provider: "test-provider", model: "m", candidates: [profile, key], excluded: [] };

function setUp() {
  const clock = manualClock();
  const health = createHealth({ clock });
  const attempt = (candidate: Plan["candidates"][number], outcome: "ok" | Failure, to: Plan = plan) => {
    const ticket = health.admit(candidate, to);
    if (!ticket) throw new Error("not admitted");
    health.settle(ticket, outcome);
  };
  return { clock, health, attempt };
}

const kept = (windows: Readonly<Record<string, WindowRecord>>): HealthRecords => ({
  credentials: new Map([["#12345678", { windows }]]),
  lastGood: {},
});

describe("what is to be kept", () => {
  test("is told apart by store, with the model of each window", () => {
    const { health, attempt, clock } = setUp();
    attempt(profile, limited);
    attempt(key, unpaid);
    const now = clock.now();
    expect(health.records("/agent/auth-profiles.json").credentials).toEqual(
      new Map([["openai:work", { lastUsed: now, windows: { m: { until: now + 30_000, reason: "rate_limit", count: 1 } } }]]),
    );
    expect(health.records(undefined).credentials).toEqual(
      new Map([["#12345678", { lastUsed: now, windows: { "*": { until: now + 10 * minute, reason: "billing", count: 1 } } }]]),
    );
    expect(health.records("/elsewhere").credentials).toEqual(new Map());
  });

  test("holds the profile that answered last, and no window of a model that is called like all of them", () => {
    const { health, attempt } = setUp();
    attempt(profile, "ok");
    attempt(key, limited, { ...plan, model: "*" });
    expect([health.records(profile.store).lastGood, health.records(undefined).lastGood]).toEqual([{ "test-provider": "openai:work" }, {}]);
    expect(health.records(undefined).credentials.get("#12345678")?.windows).toEqual({});
  });

  test("is told of when it changes, and not when it was merely looked at or taken over", () => {
    const { health, attempt } = setUp();
    const told: (string | undefined)[] = [];
    const stop = health.onChange((store) => told.push(store));
    health.peek(plan);
    health.inspect();
    health.adopt(undefined, kept({}));
    expect(told).toEqual([]);
    attempt(profile, "ok");
    expect(new Set(told)).toEqual(new Set([profile.store]));
    told.length = 0;
    attempt(key, limited);
    health.clear(key.id);
    expect(new Set(told)).toEqual(new Set([undefined]));
    stop();
    told.length = 0;
    attempt(key, limited);
    expect(told).toEqual([]);
  });
});

describe("what was kept", () => {
  test("gives the same answer after a restart: cooling, half-open with its count, and forgotten after a day", () => {
    const before = setUp();
    before.attempt(key, limited);
    before.clock.advance(30_000);
    before.attempt(key, limited);
    const records = before.health.records(undefined);
    const { clock, health, attempt } = setUp();
    health.adopt(undefined, records);
    expect(health.peek(plan)?.id).toBe(profile.id);
    expect(health.cooling(plan)).toMatchObject([{ id: key.id, until: clock.now() + 90_000 }]);
    clock.advance(90_000);
    expect(health.cooling(plan)).toEqual([]);
    attempt(key, limited);
    expect(health.cooling(plan)).toMatchObject([{ until: clock.now() + 5 * minute }]);
    const late = setUp();
    late.clock.advance(25 * hour);
    late.health.adopt(undefined, records);
    expect(late.health.inspect()).toEqual([]);
  });

  test("A2: lasts no longer than the longest window there is, whatever a wrong clock wrote", () => {
    const { clock, health } = setUp();
    const year = 365 * 24 * hour;
    health.adopt(undefined, kept({ m: { until: clock.now() + year, reason: "rate_limit", count: 1 } }));
    expect(health.cooling(plan)).toMatchObject([{ until: clock.now() + hour }]);
    health.adopt(undefined, kept({ "*": { until: clock.now() + year, reason: "billing", count: 1 } }));
    expect(health.cooling(plan)).toMatchObject([{ until: clock.now() + 24 * hour }]);
  });

  test("A2: was used now at the latest, whatever a wrong clock wrote", () => {
    const { clock, health, attempt } = setUp();
    health.adopt(undefined, { credentials: new Map([["#12345678", { lastUsed: clock.now() + hour, windows: {} }]]), lastGood: {} });
    expect(health.records(undefined).credentials.get("#12345678")?.lastUsed).toBe(clock.now());
    clock.advance(minute);
    attempt(key, "ok");
    expect(health.records(undefined).credentials.get("#12345678")?.lastUsed).toBe(clock.now());
  });

  test("is cleared by a success, and takes in what fails of the attempts under way", () => {
    const { clock, health, attempt } = setUp();
    const ticket = health.admit(key, plan);
    health.adopt(undefined, kept({ m: { until: clock.now() + minute, reason: "rate_limit", count: 2 } }));
    if (ticket) health.settle(ticket, limited);
    expect(health.inspect()).toMatchObject([{ window: { count: 2, until: clock.now() + minute } }]);
    clock.advance(minute);
    attempt(key, "ok");
    expect(health.inspect()).toEqual([]);
  });

  test("that somebody made longer is not cleared by the success of an attempt before the failure", () => {
    const { clock, health } = setUp();
    const [older, newer] = [health.admit(key, plan), health.admit(key, plan)];
    if (newer) health.settle(newer, limited);
    health.adopt(undefined, kept({ m: { until: clock.now() + minute, reason: "rate_limit", count: 1 } }));
    if (older) health.settle(older, "ok");
    expect(health.inspect()).toMatchObject([{ window: { until: clock.now() + minute } }]);
  });

  test("that somebody cleared is cleared here, and so is what is no longer there at all", () => {
    const { health, attempt } = setUp();
    attempt(key, limited);
    attempt(key, unpaid, { ...plan, model: "n" });
    health.adopt(undefined, kept({ m: { until: 1, reason: "rate_limit", count: 1 } }));
    expect(health.inspect().map(({ model }) => model)).toEqual([]);
    attempt(key, limited);
    health.adopt(undefined, { credentials: new Map(), lastGood: {} });
    expect(health.inspect()).toEqual([]);
    expect(health.peek({ ...plan, candidates: [key] })).toBe(key);
  });

  test.each([
    ["billing", "billing"],
    ["auth", "auth_permanent"],
    ["auth_permanent", "auth_permanent"],
    ["overloaded", "rate_limit"],
    ["", "rate_limit"],
  ])("the reason %j of an older version counts as %s", (reason, expected) => {
    const { clock, health } = setUp();
    health.adopt(undefined, kept({ "*": { until: clock.now() + minute, reason, count: Number.NaN } }));
    expect(health.inspect()).toMatchObject([{ window: { reason: expected, count: 1 } }]);
  });
});

test.each([
  ["overloaded", hour],
  ["rate_limit", hour],
  ["billing", 24 * hour],
  ["auth", 24 * hour],
])("a window for %s is heeded for no longer than one of that kind lasts", (reason, longest) => {
  expect(heededUntil({ until: 100 * hour, reason }, 0, defaultCooldownPolicy)).toBe(longest);
  expect(heededUntil({ until: minute, reason }, 0, defaultCooldownPolicy)).toBe(minute);
});
