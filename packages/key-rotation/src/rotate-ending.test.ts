import { fakeCandidate, manualClock, MANUAL_CLOCK_START } from "@openclaw/testkit";
import { expect, test } from "vitest";
import type { Failure } from "./failure.ts";
import { createHealth } from "./health/health.ts";
import type { Plan } from "./plan.ts";
import { rotate, type RotationEvent } from "./rotate.ts";

const rateLimited: Failure = { class: "rate_limit", scope: "model", rule: "test" };
const one = { ...fakeCandidate("one"), maxConcurrent: 1 };
const plan: Plan = { provider: "test-provider", model: "m", candidates: [one, fakeCandidate("two")], excluded: [] };

/** Asks once; `end` and `breakOff` say how the answer ends. */
async function ask(failure?: Failure) {
  const health = createHealth({ clock: manualClock() });
  const ending = Promise.withResolvers<Failure | undefined>();
  const events: RotationEvent[] = [];
  const answer = await rotate(plan, (credential) => Promise.resolve(credential.id), {
    classify: (settled) => (settled.status === "fulfilled" && settled.value === "one" ? failure : undefined),
    health,
    ending: () => ending.promise,
    onEvent: (event) => events.push(event),
  });
  const reasons = () => Object.fromEntries(health.cooling(plan).map(({ id, reason }) => [id, reason]));
  return { answer, events, reasons, end: ending.resolve, breakOff: ending.reject };
}

test("a credential is in use until its answer is over", async () => {
  const { answer, reasons, end } = await ask();
  expect([answer, reasons()]).toEqual(["one", { one: "busy" }]);
  end(undefined);
  await Promise.resolve();
  expect(reasons()).toEqual({});
});

test("a failure in the middle of an answer is taken down and told, and the answer stays", async () => {
  const { answer, events, reasons, end } = await ask();
  end(rateLimited);
  await Promise.resolve();
  expect([answer, reasons()]).toEqual(["one", { one: "rate_limit" }]);
  expect(events).toEqual([
    { type: "failed", plan, candidate: one, failure: rateLimited },
    { type: "cooling", plan, candidate: one, until: MANUAL_CLOCK_START + 30_000, reason: "rate_limit" },
  ]);
});

test("an answer that has begun is a success: what it probed is free for all before it is over", async () => {
  const clock = manualClock();
  const health = createHealth({ clock });
  const free = { ...plan, candidates: plan.candidates.map(({ id }) => fakeCandidate(id)) };
  for (const candidate of free.candidates) {
    const ticket = health.admit(candidate, free);
    if (ticket) health.settle(ticket, rateLimited);
  }
  clock.advance(30_000);
  await rotate(free, async ({ id }) => id, { classify: () => undefined, health, ending: () => new Promise(() => undefined) });
  expect([health.inspect().map(({ id }) => id), health.peek(free)?.id]).toEqual([["two"], "one"]);
});

test("an answer whose end cannot be told frees its credential", async () => {
  const { reasons, breakOff } = await ask();
  breakOff(new Error("cut"));
  await Promise.resolve();
  expect(reasons()).toEqual({});
});

test("the ending of an answer that failed is not waited for", async () => {
  const { answer, reasons } = await ask(rateLimited);
  expect([answer, reasons()]).toEqual(["two", { one: "rate_limit" }]);
});
