import { fakeCandidate, manualClock } from "@openclaw/testkit";
import { expect, test } from "vitest";
import type { Advance } from "./advance.ts";
import type { Failure } from "./failure.ts";
import { createHealth } from "./health/health.ts";
import type { Plan } from "./plan.ts";
import { rotate, type RotateOptions } from "./rotate.ts";

const rateLimited: Failure = { class: "rate_limit", scope: "model", rule: "test" };
const candidates = ["one", "two", "three"].map((id) => fakeCandidate(id));
const plan: Plan = { provider: "test-provider", model: "m", candidates, excluded: [] };

/** Asks once and says who was asked. Those named in `limited` are limited. */
async function ask(options: Partial<RotateOptions<string>>, limited: readonly string[] = [], to: Plan = plan): Promise<readonly string[]> {
  const asked: string[] = [];
  await rotate(
    to,
    (credential) => {
      asked.push(credential.id);
      return Promise.resolve(credential.id);
    },
    { classify: (settled) => (settled.status === "fulfilled" && limited.includes(settled.value) ? rateLimited : undefined), ...options },
  );
  return asked;
}

test("a session stays with the credential that answered it", async () => {
  const clock = manualClock();
  const health = createHealth({ clock });
  expect(await ask({ health, session: "s" }, ["one"])).toEqual(["one", "two"]);
  clock.advance(30_000);
  expect([await ask({ health, session: "s" }), await ask({ health })]).toEqual([["two"], ["one"]]);
});

test("what an answer says is left steers the next request", async () => {
  const clock = manualClock();
  const health = createHealth({ clock });
  const measure = (value: string) => (value === "one" ? [{ window: "requests", left: 0, resetAt: clock.now() + 20_000 }] : []);
  expect([await ask({ health, measure }), await ask({ health, measure })]).toEqual([["one"], ["two"]]);
});

test("what a refusal says is left counts as well", async () => {
  const clock = manualClock();
  const health = createHealth({ clock });
  const measure = () => [{ window: "requests", left: 0, resetAt: clock.now() + 60_000 }];
  await ask({ health, measure: (value) => (value === "one" ? measure() : []) }, ["one"]);
  clock.advance(30_000);
  expect(await ask({ health })).toEqual(["two"]);
});

test("each is tried once whatever the strategy, and none again that is limited", async () => {
  for (const strategy of ["ordered", "fill-first", "least-used", "most-headroom"] as const) {
    const health = createHealth({ clock: manualClock() });
    const asked = await ask({ health }, ["one", "two", "three"], { ...plan, strategy });
    expect(asked.toSorted()).toEqual(["one", "three", "two"]);
    await expect(ask({ health }, [], { ...plan, strategy })).rejects.toMatchObject({ code: "all-cooling" });
  }
});

test("the policy is told who really comes next, which is nobody that cools down", async () => {
  const health = createHealth({ clock: manualClock() });
  const [, two] = candidates;
  const ticket = two && health.admit(two, plan);
  if (ticket) health.settle(ticket, rateLimited);
  const told: (string | undefined)[] = [];
  const advance: Advance = (_failure, _from, to) => {
    told.push(to?.id);
    return "next";
  };
  await ask({ health, advance }, ["one", "three"]);
  expect(told).toEqual(["three", undefined]);
});

test("those who wait for one moment come a little apart, and never after their time is over", async () => {
  const waits = await Promise.all(
    [0, 0.5, 0.999].map(async (part) => {
      const clock = manualClock();
      const health = createHealth({ clock });
      await ask({ health }, ["one"], { ...plan, candidates: candidates.slice(0, 1) }).catch(() => undefined);
      const lone: Plan = { ...plan, candidates: candidates.slice(0, 2) };
      await ask({ health }, ["one", "two"], lone);
      const waited: number[] = [];
      const asking = ask(
        {
          health,
          clock,
          maxWaitMs: 30_200,
          random: () => part,
          onEvent: (event) => {
            if (event.type === "waited") waited.push(event.durationMs);
          },
        },
        [],
        lone,
      );
      await clock.waitForSleepers();
      clock.advance(30_200);
      return [await asking, ...waited];
    }),
  );
  expect(waits).toEqual([
    [["one"], 30_000],
    [["one"], 30_125],
    [["one"], 30_200],
  ]);
});
