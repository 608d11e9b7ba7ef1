import { fakeCandidate, manualClock } from "@openclaw/testkit";
import { expect, test } from "vitest";
import type { Failure } from "../failure.ts";
import type { Plan } from "../plan.ts";
import { createHealth, type Health } from "./health.ts";
import type { Ticket } from "./ticket.ts";

const rateLimited: Failure = { class: "rate_limit", scope: "model", rule: "test" };
const one = { ...fakeCandidate("one"), maxConcurrent: 1 };
const plan: Plan = { provider: "test-provider", model: "m", candidates: [one, fakeCandidate("two")], excluded: [] };

function setUp() {
  const clock = manualClock();
  return { clock, health: createHealth({ clock }) };
}

function admitted(health: Health, to: Plan = plan): Ticket {
  const [first = one] = to.candidates;
  const ticket = health.admit(first, to);
  if (!ticket) throw new Error("not admitted");
  return ticket;
}

const reasonOf = (health: Health) => health.cooling(plan).find(({ id }) => id === "one")?.reason;

test("an answer that goes on keeps its credential's place until it is over", () => {
  const { health } = setUp();
  const ticket = admitted(health);
  health.confirm(ticket);
  expect(reasonOf(health)).toBe("busy");
  health.release(ticket);
  expect(reasonOf(health)).toBeUndefined();
});

test("a probe that is answered lets the others through before its answer is over", () => {
  const { clock, health } = setUp();
  const shared: Plan = { ...plan, candidates: [fakeCandidate("three"), one] };
  health.settle(admitted(health, shared), rateLimited);
  clock.advance(30_000);
  const probe = admitted(health, shared);
  expect(() => admitted(health, shared)).toThrow("not admitted");
  health.confirm(probe);
  expect(health.inspect()).toEqual([]);
  expect(admitted(health, shared)).toBeDefined();
});

test("a failure further down counts", () => {
  const { health } = setUp();
  const ticket = admitted(health);
  health.confirm(ticket);
  health.settle(ticket, rateLimited);
  expect(reasonOf(health)).toBe("rate_limit");
});

test("a failure further down does not undo the success of a later attempt", () => {
  const { health } = setUp();
  const wide: Plan = { ...plan, candidates: [{ ...one, maxConcurrent: 2 }] };
  const [early, late] = [admitted(health, wide), admitted(health, wide)];
  health.confirm(early);
  health.settle(late, "ok");
  health.settle(early, { ...rateLimited, retryAt: Number.MAX_SAFE_INTEGER });
  expect(health.inspect()).toEqual([]);
});
