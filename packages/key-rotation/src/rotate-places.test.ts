import { fakeCandidate, manualClock } from "@openclaw/testkit";
import { expect, test } from "vitest";
import type { Failure } from "./failure.ts";
import { createHealth } from "./health/health.ts";
import type { Plan } from "./plan.ts";
import { rotate, type RotateOptions, type RotationEvent } from "./rotate.ts";

const rateLimited: Failure = { class: "rate_limit", scope: "model", rule: "test" };
const busy = (id: string) => ({ ...fakeCandidate(id), maxConcurrent: 1 });
const broken = () => {
  throw new Error("broken");
};
const breaksAt =
  (type: RotationEvent["type"]) =>
  (event: RotationEvent): void => {
    if (event.type === type) broken();
  };
const gone = new Error("gone");

/** The first is limited, the second answers. */
const answering: RotateOptions<string> = {
  classify: (settled) => (settled.status === "fulfilled" && settled.value === "two" ? undefined : rateLimited),
};

test.each<[string, Partial<RotateOptions<string>>]>([
  ["who classifies", { classify: broken }],
  ["who measures", { measure: broken }],
  ["the policy", { advance: broken }],
  ["who listens to failures", { onEvent: breaksAt("failed") }],
  ["who listens to rotations", { onEvent: breaksAt("rotated") }],
  ["who drops answers", { discard: broken }],
  ["who tells of an ending", { ending: broken }],
])("%s throws: no place stays taken", async (_who, options) => {
  const health = createHealth({ clock: manualClock() });
  const plan: Plan = { provider: "test-provider", model: "m", candidates: [busy("one"), busy("two")], excluded: [] };
  await expect(rotate(plan, async ({ id }) => id, { ...answering, health, ...options })).rejects.toThrow("broken");
  expect(health.cooling(plan).filter(({ reason }) => reason === "busy")).toEqual([]);
});

test("a client that leaves while its credential is resolved, tried or waited for takes no place with it", async () => {
  for (const leaving of ["resolve", "attempt", "wait"]) {
    const clock = manualClock();
    const health = createHealth({ clock });
    const client = new AbortController();
    const one = {
      ...busy("one"),
      async resolve() {
        if (leaving === "resolve") client.abort(gone);
        return fakeCandidate("one").resolve({});
      },
    };
    const plan: Plan = { provider: "test-provider", model: "m", candidates: [one, busy("two")], excluded: [] };
    if (leaving === "wait") {
      for (const candidate of plan.candidates) {
        const ticket = health.admit(candidate, plan);
        if (ticket) health.settle(ticket, rateLimited);
      }
    }
    const asking = rotate(
      plan,
      async ({ id }) => {
        if (leaving === "attempt") client.abort(gone);
        return id;
      },
      { classify: () => undefined, health, clock, maxWaitMs: 60_000, signal: client.signal },
    );
    if (leaving === "wait") {
      await clock.waitForSleepers();
      client.abort(gone);
    }
    await expect(asking).rejects.toBe(gone);
    expect(health.cooling(plan).filter(({ reason }) => reason === "busy")).toEqual([]);
  }
});
