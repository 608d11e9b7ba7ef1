import { fakeCandidate, manualClock } from "@openclaw/testkit";
import type { Candidate } from "@openclaw/secrets";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Failure } from "../failure.ts";
import type { Plan } from "../plan.ts";
import { createHealth, type Health } from "./health.ts";
import type { Ticket } from "./ticket.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const limited: Failure = { class: "rate_limit", scope: "model", rule: "test" };
const unpaid: Failure = { class: "billing", scope: "credential", rule: "test" };

interface Extras {
  readonly bucket?: string;
  readonly maxConcurrent?: number;
  readonly store?: string;
  readonly billing?: "metered" | "subscription" | "local";
}

const candidate = (id: string, extras: Extras = {}): Candidate => ({ ...fakeCandidate(id), ...extras });
const planOf = (candidates: readonly Candidate[], overrides: Partial<Plan> = {}): Plan => ({
  provider: "test-provider",
  model: "m",
  candidates,
  excluded: [],
  ...overrides,
});
const named = (count: number, extras: Extras = {}) => Array.from({ length: count }, (_, index) => candidate(`key-${index + 1}`, extras));

const setUp = () => {
  const clock = manualClock();
  return { clock, health: createHealth({ clock }) };
};

function chosen(health: Health, plan: Plan, session?: string): Ticket {
  const ticket = health.choose(plan, session === undefined ? {} : { session });
  if (!ticket) throw new Error("nothing can be tried");
  return ticket;
}

/** Who answers the next requests, one after the other. */
function turns(health: Health, plan: Plan, count: number, session?: string): readonly string[] {
  return Array.from({ length: count }, () => {
    const ticket = chosen(health, plan, session);
    health.settle(ticket, "ok");
    return ticket.candidate.id;
  });
}

function fail(health: Health, plan: Plan, id: string, failure: Failure = limited): void {
  const found = plan.candidates.find((each) => each.id === id);
  const ticket = found && health.admit(found, plan);
  if (!ticket) throw new Error(`${id} is not admitted`);
  health.settle(ticket, failure);
}

describe("in order", () => {
  test("the first that may be tried is chosen, and the first again once it recovered", () => {
    const { clock, health } = setUp();
    const plan = planOf(named(3));
    expect(turns(health, plan, 2)).toEqual(["key-1", "key-1"]);
    fail(health, plan, "key-1");
    expect(turns(health, plan, 2)).toEqual(["key-2", "key-2"]);
    clock.advance(30 * second);
    expect(turns(health, plan, 2)).toEqual(["key-1", "key-1"]);
  });

  test("one request probes what is half-open, the others go to the next", () => {
    const { clock, health } = setUp();
    const plan = planOf(named(2));
    fail(health, plan, "key-1");
    clock.advance(30 * second);
    const [probe, other] = [chosen(health, plan), chosen(health, plan)];
    expect([probe.candidate.id, other.candidate.id]).toEqual(["key-1", "key-2"]);
    health.settle(probe, "ok");
    expect(chosen(health, plan).candidate.id).toBe("key-1");
  });

  test("what a request has tried is passed by, and nothing is left when all were", () => {
    const { health } = setUp();
    const plan = planOf(named(2));
    expect(health.choose(plan, { tried: new Set(["key-1"]) })?.candidate.id).toBe("key-2");
    expect(health.choose(plan, { tried: new Set(["key-1", "key-2"]) })).toBeUndefined();
    expect(health.choose(planOf([]))).toBeUndefined();
  });

  test("who would be chosen is told without a place being taken", () => {
    const { health } = setUp();
    const plan = planOf(named(2, { maxConcurrent: 1 }));
    expect([health.peek(plan)?.id, health.peek(plan)?.id, chosen(health, plan).candidate.id]).toEqual(["key-1", "key-1", "key-1"]);
    expect([health.peek(plan)?.id, health.peek(plan, { tried: new Set(["key-2"]) })]).toEqual(["key-2", undefined]);
  });

  test("fifteen keys that were disabled all come back, in order", () => {
    const { clock, health } = setUp();
    const plan = planOf(named(15));
    for (const { id } of plan.candidates) fail(health, plan, id, unpaid);
    expect(health.choose(plan)).toBeUndefined();
    clock.advance(10 * minute);
    const probes = plan.candidates.map(() => chosen(health, plan));
    expect(probes.map((ticket) => ticket.candidate.id)).toEqual(plan.candidates.map(({ id }) => id));
    for (const probe of probes) health.settle(probe, "ok");
    expect(health.inspect()).toEqual([]);
  });
});

describe("fill-first", () => {
  test("one is used until it cools down, then the next, and not the first again", () => {
    const { clock, health } = setUp();
    const plan = planOf(named(3), { strategy: "fill-first" });
    expect(turns(health, plan, 2)).toEqual(["key-1", "key-1"]);
    fail(health, plan, "key-1");
    expect(turns(health, plan, 1)).toEqual(["key-2"]);
    clock.advance(hour);
    expect(turns(health, plan, 2)).toEqual(["key-2", "key-2"]);
    fail(health, plan, "key-2");
    fail(health, plan, "key-3");
    expect(turns(health, plan, 1)).toEqual(["key-1"]);
  });

  test("a new list begins where the last one was left", () => {
    const { health } = setUp();
    const keys = named(3);
    const plan = planOf(keys, { strategy: "fill-first" });
    fail(health, plan, "key-1");
    turns(health, plan, 1);
    health.clear("key-1");
    expect(turns(health, planOf([...keys], { strategy: "fill-first" }), 1)).toEqual(["key-2"]);
  });
});

describe("least-used", () => {
  test("requests go round, and to who has fewer under way", () => {
    const { health } = setUp();
    const plan = planOf(named(3), { strategy: "least-used" });
    expect(turns(health, plan, 6)).toEqual(["key-1", "key-2", "key-3", "key-1", "key-2", "key-3"]);
    chosen(health, plan);
    expect(turns(health, plan, 4)).toEqual(["key-2", "key-3", "key-2", "key-3"]);
  });

  test("what was used longest ago before a restart comes first", () => {
    const { health, clock } = setUp();
    const record = (ago: number) => ({ lastUsed: clock.now() - ago, windows: {} });
    const credentials = new Map([
      ["key-1", record(second)],
      ["key-2", record(hour)],
      ["key-3", record(minute)],
    ]);
    health.adopt(undefined, { credentials, lastGood: {} });
    expect(turns(health, planOf(named(3), { strategy: "least-used" }), 3)).toEqual(["key-2", "key-3", "key-1"]);
  });
});

describe("what providers say is left", () => {
  const left = (window: string, part: number, resetAt?: number) => ({ window, left: part, ...(resetAt !== undefined && { resetAt }) });
  const observed = (health: Health, plan: Plan, id: string, ...headroom: readonly ReturnType<typeof left>[]) => {
    const found = plan.candidates.find((each) => each.id === id);
    const ticket = found && health.admit(found, plan);
    if (!ticket) throw new Error(`${id} is not admitted`);
    health.observe(ticket, headroom);
    health.settle(ticket, "ok");
  };

  test("most-headroom goes by the scarcest limit, and by a chosen one", () => {
    const { health, clock } = setUp();
    const keys = named(3);
    const plan = planOf(keys, { strategy: "most-headroom" });
    const reset = clock.now() + hour;
    observed(health, plan, "key-1", left("5h", 0.2, reset), left("7d", 0.9, reset));
    observed(health, plan, "key-2", left("5h", 0.9, reset), left("7d", 0.4, reset));
    observed(health, plan, "key-3", left("5h", 0.3, reset), left("7d", 0.3, reset));
    expect(health.peek(plan)?.id).toBe("key-2");
    expect(health.peek(planOf(keys, { strategy: "most-headroom", headroomWindow: "7d" }))?.id).toBe("key-1");
  });

  test("what nobody knows counts as full, and what is stale as unknown", () => {
    const { health, clock } = setUp();
    const plan = planOf(named(2), { strategy: "most-headroom" });
    observed(health, plan, "key-1", left("tokens", 0.5, clock.now() + minute));
    expect(health.peek(plan)?.id).toBe("key-2");
    observed(health, plan, "key-2", left("tokens", 0.1, clock.now() + hour));
    expect(health.peek(plan)?.id).toBe("key-1");
    observed(health, plan, "key-1", left("tokens", 0.05, clock.now() + minute));
    expect(health.peek(plan)?.id).toBe("key-2");
    clock.advance(minute);
    expect(health.peek(plan)?.id).toBe("key-1");
  });

  test.each(["ordered", "least-used", "most-headroom"] as const)("%s: new requests go elsewhere before a limit is reached", (strategy) => {
    const { health, clock } = setUp();
    const plan = planOf(named(2), { strategy });
    observed(health, plan, "key-1", left("requests", 0, clock.now() + 20 * second));
    expect(turns(health, plan, 3)).toEqual(["key-2", "key-2", "key-2"]);
    expect(health.peek({ ...plan, model: "other" })?.id).toBe(
      strategy === "ordered" ? "key-1" : health.peek({ ...plan, model: "other" })?.id,
    );
    clock.advance(20 * second);
    expect(health.peek(plan)?.id).toBe("key-1");
  });

  test("what is low is used all the same where nothing else may be tried, and before anything that costs more", () => {
    const { health, clock } = setUp();
    const plan = planOf([candidate("plan-a", { billing: "subscription" }), candidate("plan-b", { billing: "subscription" }), ...named(1)]);
    observed(health, plan, "plan-a", left("5h", 0, clock.now() + hour));
    observed(health, plan, "plan-b", left("5h", 0.01, clock.now() + hour));
    expect(turns(health, plan, 1)).toEqual(["plan-a"]);
    fail(health, plan, "plan-a");
    fail(health, plan, "plan-b");
    expect(turns(health, plan, 1)).toEqual(["key-1"]);
  });

  test("whoever uses one up goes on until it is limited", () => {
    const { health, clock } = setUp();
    const plan = planOf(named(2), { strategy: "fill-first" });
    observed(health, plan, "key-1", left("requests", 0, clock.now() + hour));
    expect(turns(health, plan, 1)).toEqual(["key-1"]);
  });

  test("a low limit of a month away is believed for an hour", () => {
    const { health, clock } = setUp();
    const plan = planOf(named(2));
    observed(health, plan, "key-1", left("month", 0, clock.now() + 30 * 24 * hour));
    clock.advance(hour - 1);
    expect(health.peek(plan)?.id).toBe("key-2");
    clock.advance(1);
    expect(health.peek(plan)?.id).toBe("key-1");
  });

  test("a clock that is set back by a little changes nothing of what is low", () => {
    const { health, clock } = setUp();
    const plan = planOf(named(2));
    observed(health, plan, "key-1", left("requests", 0, clock.now() + minute));
    clock.advance(-1);
    expect([health.peek(plan)?.id, health.peek({ ...plan, candidates: [...plan.candidates] })?.id]).toEqual(["key-2", "key-2"]);
    clock.advance(minute - 1);
    expect(health.peek(plan)?.id).toBe("key-2");
    clock.advance(1);
    expect(health.peek(plan)?.id).toBe("key-1");
  });

  test("what was said where no model was named counts for the models of which nothing else is known", () => {
    const { health, clock } = setUp();
    const candidates = named(3);
    const of = (model?: string): Plan => ({ provider: "test-provider", ...(model !== undefined && { model }), candidates, excluded: [] });
    const next = () => ["m", "n", undefined].map((model) => health.peek(of(model))?.id);
    expect(next()).toEqual(["key-1", "key-1", "key-1"]);
    observed(health, of(), "key-1", left("requests", 0, clock.now() + minute));
    observed(health, of("m"), "key-2", left("requests", 0, clock.now() + minute));
    expect(next()).toEqual(["key-3", "key-2", "key-2"]);
    observed(health, of("m"), "key-1", left("requests", 1, clock.now() + minute));
    expect(next()).toEqual(["key-1", "key-2", "key-2"]);
  });

  test("a model of which nothing is known any more is not low", () => {
    const { health, clock } = setUp();
    const plan = planOf(named(2));
    const chosenFor = (count: number) => health.peek({ ...plan, model: `m-${count}` })?.id;
    for (let count = 0; count < 65; count += 1) {
      observed(health, { ...plan, model: `m-${count}` }, "key-1", left("requests", 0, clock.now() + hour));
      expect(chosenFor(count)).toBe("key-2");
    }
    expect([chosenFor(0), chosenFor(1)]).toEqual(["key-1", "key-2"]);
  });

  test("a credential that was cleared is low no more, for it may be another by now", () => {
    const { health, clock } = setUp();
    const plan = planOf(named(2));
    const early = chosen(health, plan);
    observed(health, plan, "key-1", left("requests", 0, clock.now() + hour));
    observed(health, { ...plan, model: "n" }, "key-1", left("requests", 0, clock.now() + hour));
    health.clear("key-1", { model: "n" });
    expect([health.peek(plan)?.id, health.peek({ ...plan, model: "n" })?.id]).toEqual(["key-2", "key-1"]);
    expect([health.clear("key-1"), health.peek(plan)?.id]).toEqual([false, "key-1"]);
    health.observe(early, [left("requests", 0, clock.now() + hour)]);
    expect(health.peek(plan)?.id).toBe("key-1");
  });

  test("an answer to an earlier attempt that comes in late says nothing", () => {
    const { health, clock } = setUp();
    const plan = planOf(named(2));
    const [earlier, later] = [chosen(health, plan), chosen(health, plan)];
    health.observe(later, [left("requests", 0, clock.now() + minute)]);
    health.observe(earlier, [left("requests", 0.5, clock.now() + minute)]);
    expect(health.peek(plan)?.id).toBe("key-2");
  });
});

describe("who pays comes first", () => {
  const plans = [candidate("plan-a", { billing: "subscription" }), candidate("plan-b", { billing: "subscription" })];

  test.each(["ordered", "fill-first", "least-used", "most-headroom"] as const)(
    "%s: a key is used only once no flat plan may be",
    (strategy) => {
      const { health, clock } = setUp();
      const plan = planOf([...plans, ...named(2)], { strategy });
      expect(new Set(turns(health, plan, 8))).not.toContain("key-1");
      fail(health, plan, "plan-a");
      fail(health, plan, "plan-b");
      expect(turns(health, plan, 1)[0]).toMatch(/^key-/);
      clock.advance(30 * second);
      expect(turns(health, plan, 1)[0]).toMatch(/^plan-/);
    },
  );

  test("a session that had to take a key goes back to its flat plan", () => {
    const { health, clock } = setUp();
    const plan = planOf([...plans, ...named(2)]);
    fail(health, plan, "plan-a");
    fail(health, plan, "plan-b");
    expect(turns(health, plan, 2, "s")).toEqual(["key-1", "key-1"]);
    clock.advance(30 * second);
    expect(turns(health, plan, 2, "s")).toEqual(["plan-a", "plan-a"]);
  });
});

describe("a session", () => {
  test("keeps its credential while that is healthy, also when one before it recovers", () => {
    const { health, clock } = setUp();
    const plan = planOf(named(2));
    fail(health, plan, "key-1");
    expect(turns(health, plan, 1, "s")).toEqual(["key-2"]);
    clock.advance(30 * second);
    expect([...turns(health, plan, 1, "s"), ...turns(health, plan, 1), ...turns(health, plan, 1, "t")]).toEqual([
      "key-2",
      "key-1",
      "key-1",
    ]);
    fail(health, plan, "key-2");
    expect(turns(health, plan, 1, "s")).toEqual(["key-1"]);
  });

  test("keeps it for every model, and goes elsewhere for one that is limited", () => {
    const { health } = setUp();
    const keys = named(2);
    const [plan, other] = [planOf(keys), planOf(keys, { model: "other" })];
    fail(health, other, "key-1");
    expect([...turns(health, plan, 1, "s"), ...turns(health, other, 1, "s")]).toEqual(["key-1", "key-2"]);
  });

  test("goes elsewhere once where its credential is merely busy, and stays with it", () => {
    const { health } = setUp();
    const plan = planOf(named(2, { maxConcurrent: 1 }));
    const first = chosen(health, plan, "s");
    expect(turns(health, plan, 1, "s")).toEqual(["key-2"]);
    health.settle(first, "ok");
    expect(turns(health, plan, 1, "s")).toEqual(["key-1"]);
  });

  test("is of one provider", () => {
    const { health } = setUp();
    const plan = planOf(named(2));
    const elsewhere = planOf([candidate("other-1"), candidate("other-2")], { provider: "other" });
    expect([...turns(health, plan, 1, "s"), ...turns(health, elsewhere, 1, "s"), ...turns(health, plan, 1, "s")]).toEqual([
      "key-1",
      "other-1",
      "key-1",
    ]);
  });

  test("that is forgotten begins anew, at every provider, and no other one does", () => {
    const { health, clock } = setUp();
    const plans = [planOf(named(2)), planOf(named(2, { store: "elsewhere" }), { provider: "other" })];
    for (const plan of plans) fail(health, plan, "key-1");
    const all = (session: string) => plans.flatMap((plan) => turns(health, plan, 1, session));
    expect([...all("s"), ...all("t")]).toEqual(["key-2", "key-2", "key-2", "key-2"]);
    clock.advance(30 * second);
    health.forgetSession("s");
    health.forgetSession("unknown");
    expect([...all("s"), ...all("t")]).toEqual(["key-1", "key-1", "key-2", "key-2"]);
  });

  const spreading = ["least-used", "most-headroom"] as const;
  const homes = (health: Health, plan: Plan, count = 1000) =>
    new Map(Array.from({ length: count }, (_, index) => [`session-${index}`, turns(health, plan, 1, `session-${index}`)[0] ?? ""]));

  test.each(spreading)("%s: a thousand are spread, and when a key goes only its share moves", (strategy) => {
    const { health } = setUp();
    const keys = named(5);
    const before = homes(health, planOf(keys, { strategy }));
    const shares = keys.map(({ id }) => [...before.values()].filter((home) => home === id).length);
    expect(Math.min(...shares)).toBeGreaterThan(120);
    expect(Math.max(...shares)).toBeLessThan(280);
    const after = homes(health, planOf(keys.slice(1), { strategy }));
    const stayed = [...before].filter(([, home]) => home !== "key-1");
    expect(stayed.map(([session]) => after.get(session))).toEqual(stayed.map(([, home]) => home));
    const moved = [...before].filter(([, home]) => home === "key-1").map(([session]) => after.get(session));
    expect(new Set(moved)).toEqual(new Set(["key-2", "key-3", "key-4", "key-5"]));
  });

  test.each(spreading)("%s: has the same credential after a restart and from another gateway", (strategy) => {
    const plan = planOf(named(5), { strategy });
    expect(homes(setUp().health, plan, 50)).toEqual(homes(setUp().health, planOf([...plan.candidates], { strategy }), 50));
  });

  test("is forgotten after many others, and not before", () => {
    const { health } = setUp();
    const plan = planOf(named(2));
    fail(health, plan, "key-1");
    turns(health, plan, 1, "s");
    health.clear("key-1");
    for (let count = 0; count < 9_000; count += 1) turns(health, plan, 1, `other-${count}`);
    expect(turns(health, plan, 1, "s")).toEqual(["key-2"]);
    for (let count = 0; count < 9_000; count += 1) turns(health, plan, 1, `others-${count}`);
    expect(turns(health, plan, 1, "s")).toEqual(["key-2"]);
    for (let count = 0; count < 30_000; count += 1) turns(health, plan, 1, `more-${count}`);
    expect(turns(health, plan, 1, "s")).toEqual(["key-1"]);
  });
});

describe("a quota that several share", () => {
  test("a limit of one passes all of them by, for that model", () => {
    const { health, clock } = setUp();
    const keys = [candidate("a1", { bucket: "a" }), candidate("a2", { bucket: "a" }), candidate("b1", { bucket: "b" }), candidate("c1")];
    const plan = planOf(keys);
    fail(health, plan, "a1");
    expect(turns(health, plan, 1)).toEqual(["b1"]);
    expect(turns(health, planOf(keys, { model: "other" }), 1)).toEqual(["a1"]);
    expect(health.inspect()).toMatchObject([{ id: "bucket:test-provider:a", model: "m" }]);
    expect(health.cooling(plan).map(({ id, until }) => [id, until - clock.now()])).toEqual([
      ["a1", 30 * second],
      ["a2", 30 * second],
    ]);
    clock.advance(30 * second);
    const probe = chosen(health, plan);
    expect([probe.candidate.id, chosen(health, plan).candidate.id]).toEqual(["a1", "b1"]);
    health.settle(probe, "ok");
    expect([health.inspect(), health.admit(keys[1] ?? candidate("none"), plan) !== undefined]).toEqual([[], true]);
  });

  test("is remembered while a request that may be limited is under way", () => {
    const { health } = setUp();
    const sharing = ["a1", "a2"].map((id) => candidate(id, { bucket: "a" }));
    const ticket = chosen(health, planOf([...sharing]));
    const others = named(1);
    for (let count = 0; count < 600; count += 1) turns(health, planOf(others, { model: `made-up-${count}` }), 1);
    health.settle(ticket, limited);
    expect(health.peek(planOf(sharing))).toBeUndefined();
  });

  test("a list that was asked for once does not bring back what was forgotten since", () => {
    const { health, clock } = setUp();
    const sharing = ["a1", "a2"].map((id) => candidate(id, { bucket: "a" }));
    expect(health.peek(planOf(sharing))?.id).toBe("a1");
    clock.advance(48 * hour);
    const others = named(1);
    for (let count = 0; count < 600; count += 1) turns(health, planOf(others, { model: `made-up-${count}` }), 1);
    health.settle(chosen(health, planOf(sharing)), limited);
    expect(health.peek(planOf([...sharing]))).toBeUndefined();
  });

  test("what is wrong with one key alone stays with it", () => {
    const { health } = setUp();
    const plan = planOf([candidate("a1", { bucket: "a" }), candidate("a2", { bucket: "a" })]);
    fail(health, plan, "a1", unpaid);
    expect(turns(health, plan, 1)).toEqual(["a2"]);
  });

  test("buckets of one name at two providers are two", () => {
    const { health } = setUp();
    const plan = planOf([candidate("a1", { bucket: "a" }), { ...candidate("a2", { bucket: "a" }), provider: "other" }]);
    fail(health, plan, "a1");
    expect(turns(health, plan, 1)).toEqual(["a2"]);
  });

  test("its window for one model outlasts what kept the whole credential away", () => {
    const { health } = setUp();
    const one = candidate("a1", { bucket: "a" });
    const plan = planOf([one, candidate("c1")]);
    const tickets = [health.admit(one, plan), health.admit(one, plan)];
    expect(health.peek(plan)).toBe(one);
    for (const [index, failure] of [limited, unpaid].entries()) {
      const ticket = tickets[index];
      if (ticket) health.settle(ticket, failure);
    }
    health.clear("a1");
    expect(turns(health, plan, 1)).toEqual(["c1"]);
    expect(turns(health, { ...plan, model: "other" }, 1)).toEqual(["a1"]);
  });

  test("a low limit of one steers away from all of them", () => {
    const { health, clock } = setUp();
    const plan = planOf([candidate("a1", { bucket: "a" }), candidate("a2", { bucket: "a" }), candidate("c1")]);
    const ticket = chosen(health, plan);
    health.observe(ticket, [{ window: "requests", left: 0, resetAt: clock.now() + minute }]);
    health.settle(ticket, "ok");
    expect(turns(health, plan, 1)).toEqual(["c1"]);
  });
});

describe("at most so many at once", () => {
  test("what is more goes to the next, and nothing is chosen when all are busy", () => {
    const { health, clock } = setUp();
    const plan = planOf([candidate("key-1", { maxConcurrent: 2 }), candidate("key-2", { maxConcurrent: 1 })]);
    const tickets = [chosen(health, plan), chosen(health, plan), chosen(health, plan)];
    expect(tickets.map((ticket) => ticket.candidate.id)).toEqual(["key-1", "key-1", "key-2"]);
    expect(health.choose(plan)).toBeUndefined();
    expect(health.earliest(plan)).toBe(clock.now());
    expect(health.cooling(plan).map(({ id, reason }) => [id, reason])).toEqual([
      ["key-1", "busy"],
      ["key-2", "busy"],
    ]);
    const [first] = tickets;
    if (first) health.settle(first, "abandoned");
    expect(chosen(health, plan).candidate.id).toBe("key-1");
  });

  test("a bound that is set while more are under way frees the credential once few enough are", () => {
    const { health } = setUp();
    const before = planOf(named(1));
    const tickets = [chosen(health, before), chosen(health, before)];
    const after = planOf(named(1, { maxConcurrent: 1 }));
    expect(health.peek(after)).toBeUndefined();
    for (const ticket of tickets) health.settle(ticket, "ok");
    expect(health.peek(after)?.id).toBe("key-1");
  });

  test("giving a ticket back twice frees one place", () => {
    const { health } = setUp();
    const plan = planOf(named(1, { maxConcurrent: 2 }));
    const [one] = [chosen(health, plan), chosen(health, plan)];
    health.settle(one, "ok");
    health.release(one);
    health.settle(one, limited);
    expect([health.choose(plan) !== undefined, health.choose(plan)]).toEqual([true, undefined]);
  });
});

test("credentials of one id in two stores are two", () => {
  const { health } = setUp();
  const [one, two] = [candidate("openai:default", { store: "/a" }), candidate("openai:default", { store: "/b" })];
  fail(health, planOf([one, candidate("spare")]), "openai:default");
  expect(health.peek(planOf([two]))).toBe(two);
  expect(health.inspect()).toMatchObject([{ id: "openai:default", store: "/a" }]);
  expect([health.clear("openai:default", { store: "/b" }), health.clear("openai:default", { store: "/a" })]).toEqual([false, true]);
});

test("the clock being set back shortens and lengthens nothing", () => {
  const { health, clock } = setUp();
  const plan = planOf(named(2));
  fail(health, plan, "key-1");
  clock.advance(10 * second);
  expect(health.peek(plan)?.id).toBe("key-2");
  clock.advance(-365 * 24 * hour);
  expect(health.peek(plan)?.id).toBe("key-2");
  clock.advance(20 * second - 1);
  expect(health.peek(plan)?.id).toBe("key-2");
  clock.advance(1);
  expect(health.peek(plan)?.id).toBe("key-1");
});

test("whatever has happened, the lists say the same as looking at each credential", () => {
  const models = ["m", "n", undefined];
  const step = fc.oneof(
    fc.record({ kind: fc.constant("advance" as const), ms: fc.integer({ min: -minute, max: 2 * minute }) }),
    fc.record({ kind: fc.constant("choose" as const), at: fc.nat(1), model: fc.nat(2), session: fc.option(fc.constantFrom("s", "t")) }),
    fc.record({
      kind: fc.constant("settle" as const),
      at: fc.nat(20),
      how: fc.constantFrom("ok" as const, "abandoned" as const, limited, unpaid),
    }),
    fc.record({
      kind: fc.constant("observe" as const),
      at: fc.nat(20),
      left: fc.constantFrom(0, 0.5),
      ms: fc.integer({ min: 0, max: minute }),
    }),
    fc.record({ kind: fc.constant("clear" as const), at: fc.nat(7) }),
    fc.record({ kind: fc.constant("adopt" as const), at: fc.nat(7), ms: fc.integer({ min: -minute, max: minute }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { health, clock } = setUp();
      const all = Array.from({ length: 8 }, (_, index) =>
        candidate(`key-${index}`, {
          ...(index % 3 === 0 && { bucket: index === 3 ? "own" : "shared" }),
          ...(index % 4 === 1 && { maxConcurrent: 2 }),
          billing: index < 3 ? "subscription" : "metered",
        }),
      );
      const lists = [all, all.slice(2, 6)];
      let tickets: Ticket[] = [];
      for (const each of steps) {
        if (each.kind === "advance") clock.advance(each.ms);
        else if (each.kind === "clear") health.clear(`key-${each.at}`);
        else if (each.kind === "adopt") {
          const windows = { "*": { until: clock.now() + each.ms, reason: "billing", count: 1 } };
          health.adopt(undefined, { credentials: new Map([[`key-${each.at}`, { windows }]]), lastGood: {} });
        } else if (each.kind === "choose") {
          const model = models[each.model];
          const plan = planOf(lists[each.at] ?? [], { ...(model !== undefined && { model }) });
          const ticket = health.choose(plan, each.session === null ? {} : { session: each.session });
          if (ticket) tickets = [...tickets, ticket];
        } else if (each.kind === "observe") {
          const ticket = tickets[each.at % Math.max(1, tickets.length)];
          if (ticket) health.observe(ticket, [{ window: "requests", left: each.left, resetAt: clock.now() + each.ms }]);
        } else {
          const ticket = tickets[each.at % Math.max(1, tickets.length)];
          if (ticket) health.settle(ticket, each.how);
          tickets = tickets.filter((other) => other !== ticket);
        }
        for (const candidates of lists) {
          for (const model of models) {
            const plan = { provider: "test-provider", ...(model !== undefined && { model }), candidates, excluded: [] };
            const free = candidates.filter((one) => health.cooling({ ...plan, candidates: [one] }).length === 0);
            const [first] = free;
            const found = health.peek(plan);
            // What is low gives way to what is not, among those that cost the same.
            expect([found?.billing, free.some(({ id }) => id === found?.id)]).toEqual([first?.billing, first !== undefined]);
            expect(health.peek({ ...plan, candidates: [...candidates] })?.id).toBe(found?.id);
            expect(health.earliest(plan) === undefined).toBe(first !== undefined);
          }
        }
      }
    }),
    { numRuns: 150 },
  );
});
