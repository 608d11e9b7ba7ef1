import { fakeCandidate, manualClock } from "@openclaw/testkit";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Failure } from "../failure.ts";
import type { Plan } from "../plan.ts";
import { createHealth, type Health } from "./health.ts";
import type { Ticket } from "./ticket.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const one = fakeCandidate("one");
const two = fakeCandidate("two");
const planOf = (model: string | undefined, ...candidates: Plan["candidates"]): Plan => ({
  provider: "test-provider",
  ...(model !== undefined && { model }),
  candidates,
  excluded: [],
});
const plan = planOf("m", one, two);

const rateLimited: Failure = { class: "rate_limit", scope: "model", rule: "test" };
const unpaid: Failure = { class: "billing", scope: "credential", rule: "test" };

const setUp = () => {
  const clock = manualClock();
  return { clock, health: createHealth({ clock }) };
};

/** A ticket, where there has to be one. */
function admitted(health: Health, candidate = one, to: Plan = plan): Ticket {
  const ticket = health.admit(candidate, to);
  if (!ticket) throw new Error(`${candidate.id} is not admitted`);
  return ticket;
}

const fail = (health: Health, failure: Failure = rateLimited, candidate = one, to: Plan = plan) =>
  health.settle(admitted(health, candidate, to), failure);

const isFree = (health: Health, candidate = one, to: Plan = plan) => health.cooling({ ...to, candidates: [candidate] }).length === 0;

/** How long the credential is left alone from now on, in seconds. */
const secondsLeft = (health: Health, now: number, to: Plan = plan) => ((health.cooling(to)[0]?.until ?? now) - now) / second;

describe("after a rate limit", () => {
  test("a credential waits until its window's end, and not a millisecond longer", () => {
    const { clock, health } = setUp();
    fail(health);
    clock.advance(30 * second - 1);
    expect(health.admit(one, plan)).toBeUndefined();
    expect(health.admit(two, plan)).toBeDefined();
    clock.advance(1);
    expect(health.admit(one, plan)).toBeDefined();
  });

  test("windows in a row last 30 s, 60 s and then 300 s", () => {
    const { clock, health } = setUp();
    const seconds = [1, 2, 3, 4].map(() => {
      fail(health);
      const left = secondsLeft(health, clock.now());
      clock.advance(left * second);
      return left;
    });
    expect(seconds).toEqual([30, 60, 300, 300]);
  });

  test("a provider's hint holds instead, from a second to an hour", () => {
    const { clock, health } = setUp();
    for (const [hint, expected] of [
      [7 * minute, 420],
      [5 * hour, 3600],
      [-hour, 1],
    ] as const) {
      fail(health, { ...rateLimited, retryAt: clock.now() + hint });
      expect(secondsLeft(health, clock.now())).toBe(expected);
      clock.advance(hour);
    }
  });

  test("a hint that is no time is none", () => {
    const { clock, health } = setUp();
    fail(health, { ...rateLimited, retryAt: Number.NaN });
    expect(secondsLeft(health, clock.now())).toBe(30);
    fail(health, { ...rateLimited, retryAt: Number.NaN }, two, planOf("m", two));
    expect(isFree(health, two)).toBe(true);
  });

  test("a success clears the window and the count", () => {
    const { clock, health } = setUp();
    fail(health);
    clock.advance(30 * second);
    fail(health);
    clock.advance(60 * second);
    health.settle(admitted(health), "ok");
    expect(health.inspect()).toEqual([]);
    fail(health);
    expect(secondsLeft(health, clock.now())).toBe(30);
  });

  test("A7: 24 hours after the window's end it is forgotten, and the credential is no longer half-open", () => {
    const { clock, health } = setUp();
    fail(health);
    clock.advance(30 * second + 24 * hour - 1);
    expect(health.inspect()).toHaveLength(1);
    clock.advance(1);
    expect(health.inspect()).toEqual([]);
    expect([health.admit(one, plan), health.admit(one, plan)]).toEqual([expect.anything(), expect.anything()]);
    fail(health);
    expect(secondsLeft(health, clock.now())).toBe(30);
  });
});

describe("after a billing failure", () => {
  test("windows in a row double from 10 minutes to 24 hours and stay there", () => {
    const { clock, health } = setUp();
    const minutes = Array.from({ length: 10 }, () => {
      fail(health, unpaid);
      const left = secondsLeft(health, clock.now());
      clock.advance(left * second);
      return left / 60;
    });
    expect(minutes).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
  });

  test("every model of the credential waits", () => {
    const { health } = setUp();
    fail(health, unpaid);
    expect([isFree(health), isFree(health, one, planOf("other", one)), isFree(health, one, planOf(undefined, one))]).toEqual([
      false,
      false,
      false,
    ]);
    expect(isFree(health, two)).toBe(true);
  });

  test("the first call after the window succeeds and clears it, once the account is paid", () => {
    const { clock, health } = setUp();
    fail(health, unpaid);
    clock.advance(10 * minute);
    health.settle(admitted(health, one, planOf("other", one, two)), "ok");
    expect(isFree(health)).toBe(true);
    expect(health.inspect()).toEqual([]);
  });
});

describe("failures already under way when a window opened", () => {
  test("A7: fifty at once open one window of the first length", () => {
    const { clock, health } = setUp();
    const tickets = Array.from({ length: 50 }, () => admitted(health));
    for (const ticket of tickets) health.settle(ticket, rateLimited);
    expect(secondsLeft(health, clock.now())).toBe(30);
    expect(health.inspect()).toMatchObject([{ id: "one", model: "m", window: { count: 1 } }]);
  });

  test("merge by the later end and never by the earlier", () => {
    const { clock, health } = setUp();
    const tickets = [admitted(health), admitted(health), admitted(health)];
    for (const [index, hint] of [minute, 5 * minute, 2 * minute].entries()) {
      const ticket = tickets[index];
      if (ticket) health.settle(ticket, { ...rateLimited, retryAt: clock.now() + hint });
    }
    expect(secondsLeft(health, clock.now())).toBe(300);
    expect(health.inspect()[0]?.window.count).toBe(1);
  });

  test("do not lengthen the next windows, even when they come in after the end", () => {
    const { clock, health } = setUp();
    const slow = admitted(health);
    fail(health);
    clock.advance(40 * second);
    health.settle(slow, rateLimited);
    expect(secondsLeft(health, clock.now())).toBe(30);
    expect(health.inspect()[0]?.window.count).toBe(1);
  });
});

describe("a half-open credential", () => {
  const halfOpen = () => {
    const made = setUp();
    fail(made.health);
    made.clock.advance(30 * second);
    return made;
  };

  test("admits exactly one request", () => {
    const { health, clock } = halfOpen();
    const tickets = Array.from({ length: 20 }, () => health.admit(one, plan)).filter((ticket) => ticket !== undefined);
    expect(tickets).toHaveLength(1);
    expect(health.cooling(plan)).toEqual([{ id: "one", origin: "origin of one", until: clock.now(), reason: "rate_limit" }]);
  });

  test("admits all once the probe succeeded", () => {
    const { health } = halfOpen();
    health.settle(admitted(health), "ok");
    expect([health.admit(one, plan), health.admit(one, plan)]).toEqual([expect.anything(), expect.anything()]);
  });

  test("does not wait for ever for a probe that hangs, whose late outcome still counts", () => {
    const { clock, health } = setUp();
    fail(health);
    clock.advance(30 * second);
    const hanging = admitted(health);
    clock.advance(30 * second - 1);
    expect(health.admit(one, plan)).toBeUndefined();
    clock.advance(1);
    const other = admitted(health);
    expect(health.admit(one, plan)).toBeUndefined();
    health.settle(hanging, "ok");
    expect(isFree(health)).toBe(true);
    health.release(other);
  });

  test("is chosen again once its probe hangs for too long, also by a clock that was set back meanwhile", () => {
    for (const setBackMs of [0, 365 * 24 * hour]) {
      const { health, clock } = halfOpen();
      expect([health.choose(plan)?.candidate.id, health.peek(plan)?.id]).toEqual(["one", "two"]);
      clock.advance(-setBackMs);
      expect(health.peek(plan)?.id).toBe("two");
      clock.advance(30 * second - 1);
      expect(health.peek(plan)?.id).toBe("two");
      clock.advance(1);
      expect(health.peek(plan)?.id).toBe("one");
    }
  });

  test("waits for the next longer window once the probe failed", () => {
    const { health, clock } = halfOpen();
    fail(health);
    expect(secondsLeft(health, clock.now())).toBe(60);
  });

  test.each(["release", "abandoned", "timeout"] as const)("admits the next request when the probe ended with %s", (how) => {
    const { health } = halfOpen();
    const probe = admitted(health);
    if (how === "release") health.release(probe);
    else health.settle(probe, how === "abandoned" ? how : { class: how, scope: "provider", rule: "test" });
    expect(health.inspect()[0]?.window.count).toBe(1);
    expect([health.admit(one, plan), health.admit(one, plan)]).toEqual([expect.anything(), undefined]);
  });

  test("is not freed by giving back another request's ticket", () => {
    const { health, clock } = setUp();
    const other = admitted(health);
    fail(health);
    clock.advance(30 * second);
    admitted(health);
    health.release(other);
    expect(health.admit(one, plan)).toBeUndefined();
  });
});

describe("what a failure speaks of", () => {
  const [a, b, c] = ["a", "b", "c"].map((model) => planOf(model, one, two));
  if (!a || !b || !c) throw new Error("three plans are needed");

  test("two models that fail leave the third usable, and a success there leaves them waiting", () => {
    const { health } = setUp();
    fail(health, rateLimited, one, a);
    fail(health, rateLimited, one, b);
    expect([isFree(health, one, a), isFree(health, one, b), isFree(health, one, c)]).toEqual([false, false, true]);
    health.settle(admitted(health, one, c), "ok");
    expect([isFree(health, one, a), isFree(health, one, b)]).toEqual([false, false]);
  });

  test.each(["credential", "bucket", "provider"] as const)("a rate limit of the %s holds for every model", (scope) => {
    const { health } = setUp();
    fail(health, { ...rateLimited, scope }, one, a);
    expect([isFree(health, one, a), isFree(health, one, c)]).toEqual([false, false]);
  });

  test("without a model a rate limit holds for the credential", () => {
    const { health } = setUp();
    fail(health, rateLimited, one, planOf(undefined, one, two));
    expect(isFree(health, one, a)).toBe(false);
    expect(health.inspect()).toMatchObject([{ id: "one", model: "*" }]);
  });

  test("a model called * is a model like any other", () => {
    const { health } = setUp();
    fail(health, rateLimited, one, planOf("*", one, two));
    expect(isFree(health, one, a)).toBe(true);
  });

  test("the longer of two windows counts", () => {
    const { health, clock } = setUp();
    const tickets = [admitted(health), admitted(health)];
    for (const [index, failure] of [rateLimited, unpaid].entries()) {
      const ticket = tickets[index];
      if (ticket) health.settle(ticket, failure);
    }
    expect(health.cooling(plan)).toEqual([{ id: "one", origin: "origin of one", until: clock.now() + 10 * minute, reason: "billing" }]);
  });

  test.each(["openrouter", "kilocode"])("%s never cools down as a whole", (provider) => {
    const { health } = setUp();
    const relay = fakeCandidate("relay", { provider });
    fail(health, unpaid, relay, planOf("a", relay, two));
    expect([isFree(health, relay, planOf("a", relay)), isFree(health, relay, planOf("b", relay))]).toEqual([false, true]);
    fail(health, unpaid, relay, planOf(undefined, relay, two));
    expect(isFree(health, relay, planOf("b", relay))).toBe(true);
  });
});

describe("a lone credential", () => {
  const lone = planOf("m", one);

  test("is not held back without a provider's hint", () => {
    const { health } = setUp();
    fail(health, rateLimited, one, lone);
    fail(health, rateLimited, one, lone);
    expect(health.inspect()).toEqual([]);
  });

  test("is held back for as long as the provider says, and free again when the probe brings no new hint", () => {
    const { health, clock } = setUp();
    fail(health, { ...rateLimited, retryAt: clock.now() + 5 * second }, one, lone);
    expect(health.admit(one, lone)).toBeUndefined();
    clock.advance(5 * second);
    fail(health, rateLimited, one, lone);
    expect([health.admit(one, lone), health.admit(one, lone)]).toEqual([expect.anything(), expect.anything()]);
  });

  test("stays held back for as long as the provider said when an earlier attempt brings no hint", () => {
    const { health, clock } = setUp();
    const early = admitted(health, one, lone);
    fail(health, { ...rateLimited, retryAt: clock.now() + 5 * second }, one, lone);
    health.settle(early, rateLimited);
    expect(secondsLeft(health, clock.now(), lone)).toBe(5);
  });

  test("is disabled when it is not paid for", () => {
    const { health, clock } = setUp();
    fail(health, unpaid, one, lone);
    expect(secondsLeft(health, clock.now(), lone)).toBe(600);
  });
});

describe("outcomes that come in out of order", () => {
  test("an older failure does not undo a newer success", () => {
    const { health } = setUp();
    const [older, newer] = [admitted(health), admitted(health)];
    health.settle(newer, "ok");
    health.settle(older, unpaid);
    health.settle(older, rateLimited);
    expect(health.inspect()).toEqual([]);
  });

  test("an older success does not clear a newer failure", () => {
    const { health } = setUp();
    const [older, newer] = [admitted(health), admitted(health)];
    health.settle(newer, rateLimited);
    health.settle(older, "ok");
    expect(isFree(health)).toBe(false);
  });

  test("in every order the state is that of the attempts' own order", () => {
    const outcomes = fc.array(fc.constantFrom<"ok" | Failure>("ok", rateLimited, unpaid), { minLength: 1, maxLength: 6 });
    const scene = outcomes.chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray(
          list.map((_, index) => index),
          { minLength: list.length },
        ),
      ),
    );
    const settleIn = (order: readonly number[], list: readonly ("ok" | Failure)[]) => {
      const { health } = setUp();
      const tickets = list.map(() => admitted(health));
      for (const index of order) {
        const [ticket, outcome] = [tickets[index], list[index]];
        if (ticket && outcome) health.settle(ticket, outcome);
      }
      return health.inspect().map(({ id, model, window: { until, reason, count } }) => ({ id, model, until, reason, count }));
    };
    fc.assert(
      fc.property(scene, ([list, order]) => {
        const inOrder = settleIn([...list.keys()], list);
        expect(settleIn(order, list).toSorted((x, y) => x.model.localeCompare(y.model))).toEqual(
          inOrder.toSorted((x, y) => x.model.localeCompare(y.model)),
        );
      }),
    );
  });
});

test("whatever happened before, a healthy provider is used again within the longest window", () => {
  const step = fc.record({
    advance: fc.integer({ min: 0, max: 10 * minute }),
    hint: fc.option(fc.integer({ min: -hour, max: 9 * hour }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { clock, health } = setUp();
      for (const { advance, hint } of steps) {
        clock.advance(advance);
        const ticket = health.admit(one, plan);
        if (ticket) health.settle(ticket, { ...rateLimited, ...(hint !== undefined && { retryAt: clock.now() + hint }) });
      }
      clock.advance(hour);
      health.settle(admitted(health), "ok");
      expect(isFree(health)).toBe(true);
    }),
  );
});

describe("what can be asked of health", () => {
  test("the earliest recovery is known only when nothing can be tried", () => {
    const { health, clock } = setUp();
    expect(health.earliest(plan)).toBeUndefined();
    expect(health.earliest(planOf("m"))).toBeUndefined();
    fail(health, { ...rateLimited, retryAt: clock.now() + minute });
    expect(health.earliest(plan)).toBeUndefined();
    fail(health, { ...rateLimited, retryAt: clock.now() + 20 * second }, two);
    expect(health.earliest(plan)).toBe(clock.now() + 20 * second);
    expect(health.cooling(plan).map(({ id }) => id)).toEqual(["two", "one"]);
  });

  test("clearing a credential forgets all its windows and no other's", () => {
    const { health } = setUp();
    fail(health);
    fail(health, unpaid, two);
    health.clear("one");
    expect([isFree(health), isFree(health, two)]).toEqual([true, false]);
    health.clear("unknown");
  });

  test("what was under way when a credential was cleared says nothing of it any more, for it may be another by now", () => {
    const { health } = setUp();
    const [before] = [admitted(health), fail(health)];
    health.clear("one");
    health.settle(before, unpaid);
    expect(health.inspect()).toEqual([]);
    fail(health, unpaid);
    expect(health.inspect()).toHaveLength(1);
  });

  test("a model can be cleared alone", () => {
    const { health } = setUp();
    fail(health);
    fail(health, rateLimited, one, planOf("other", one, two));
    expect(health.clear("one", { model: "m" })).toBe(true);
    expect(health.inspect().map(({ model }) => model)).toEqual(["other"]);
    expect(health.clear("one", { model: "*" })).toBe(false);
  });

  test("the first billing window may be another for one provider", () => {
    const clock = manualClock();
    const health = createHealth({ clock, policy: { billingMsByProvider: { "test-provider": 2 * hour } } });
    fail(health, unpaid);
    expect(secondsLeft(health, clock.now())).toBe(7200);
  });

  test("a policy changes only what it names", () => {
    const clock = manualClock();
    const health = createHealth({ clock, policy: { billingMs: hour } });
    fail(health, unpaid);
    fail(health, rateLimited, two);
    expect(health.cooling(plan).map(({ until }) => until - clock.now())).toEqual([30 * second, hour]);
  });
});

test("model names that clients make up leave nothing behind once they were answered", () => {
  const { health } = setUp();
  const early = admitted(health);
  for (let count = 0; count < 5000; count += 1) health.settle(admitted(health, one, planOf(`made-up-${count}`, one, two)), "ok");
  // An attempt under way since before may yet fail: until then what contradicts it is remembered.
  expect(health.size()).toBeGreaterThan(5000);
  health.settle(early, "ok");
  for (let count = 0; count < 20_000; count += 1) health.settle(admitted(health, one, planOf(`made-up-${count}`, one, two)), "ok");
  expect(health.size()).toBeLessThan(1000);
});

test("says what requests are under way with, quotas that several share included", () => {
  const { health } = setUp();
  const shared = { ...two, bucket: "team", store: "/store" };
  const first = admitted(health);
  admitted(health, shared, planOf("m", shared));
  expect(health.inFlight()).toEqual([
    { id: "one", count: 1 },
    { id: "two", store: "/store", count: 1 },
    { id: `bucket:${two.provider}:team`, count: 1 },
  ]);
  health.settle(first, "ok");
  expect(health.inFlight().map(({ id }) => id)).toEqual(["two", `bucket:${two.provider}:team`]);
});
