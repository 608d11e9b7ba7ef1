import { manualClock } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import type { Session } from "./session-pin.ts";
import { createSessions } from "./sessions.ts";

const owner = { agentId: "main", client: "admin" };
const pin = { model: { provider: "test", model: "m" }, profileId: "test:a" };

function setUp() {
  const clock = manualClock();
  const told: (readonly [string, string | undefined])[] = [];
  const forgotten: string[] = [];
  const sessions = createSessions({
    clock,
    health: { forgetSession: (id) => void forgotten.push(id) },
    onPin: ({ id, pin }: Session) => void told.push([id, pin?.model.model]),
  });
  return { clock, sessions, told, forgotten };
}

test("a session is known once it was seen, and where it is pinned to once that was said", () => {
  const { sessions, clock, told, forgotten } = setUp();
  expect([sessions.get("s"), sessions.pin("s", pin), sessions.clear("s"), sessions.unpin("s")]).toEqual([
    undefined,
    undefined,
    false,
    false,
  ]);
  sessions.see("s", owner);
  const seenAt = clock.now();
  clock.advance(5);
  expect(sessions.pin("s", pin)).toEqual({ id: "s", ...owner, seenAt, pin, pinnedAt: seenAt + 5 });
  expect(sessions.see("s", owner).pin).toEqual(pin);
  expect(sessions.list()).toEqual([{ id: "s", ...owner, seenAt: seenAt + 5, pin, pinnedAt: seenAt + 5 }]);
  expect([sessions.unpin("s"), sessions.unpin("s"), sessions.get("s")?.pin]).toEqual([true, false, undefined]);
  expect(forgotten).toEqual([]);
  sessions.pin("s", pin);
  expect([sessions.clear("s"), sessions.clear("s"), sessions.get("s")?.pin, forgotten]).toEqual([true, true, undefined, ["s", "s"]]);
  expect(told).toEqual([
    ["s", "m"],
    ["s", undefined],
    ["s", "m"],
    ["s", undefined],
  ]);
});

test("of a hundred thousand sessions some ten thousand are remembered, and every pinned one", () => {
  const { sessions } = setUp();
  sessions.see("pinned", owner);
  sessions.pin("pinned", pin);
  for (let index = 0; index < 100_000; index += 1) sessions.see(`s${index}`, owner);
  expect(sessions.list().length).toBeGreaterThanOrEqual(10_000);
  expect(sessions.list().length).toBeLessThanOrEqual(20_001);
  expect([sessions.get("s0"), sessions.get("s99999")?.id, sessions.see("pinned", owner).pin]).toEqual([undefined, "s99999", pin]);
});

test("one client's pins give way to its own newer ones alone", () => {
  const { sessions, told, clock } = setUp();
  const others = { agentId: "main", client: "other" };
  const add = (id: string, of: typeof owner) => {
    sessions.see(id, of);
    sessions.pin(id, pin);
  };
  add("other", others);
  for (let index = 0; index < 1001; index += 1) {
    clock.advance(1);
    add(`s${index}`, owner);
  }
  expect(told.filter(([, model]) => model === undefined)).toEqual([["s0", undefined]]);
  expect([sessions.get("other")?.pin, sessions.get("s0")?.pin, sessions.get("s1")?.pin]).toEqual([pin, undefined, pin]);
});

describe("what is kept elsewhere", () => {
  const kept = (id: string, model: string) =>
    [id, { id, ...owner, seenAt: undefined, pinnedAt: 1, pin: { model: { provider: "test", model } } }] as const;

  test("is taken over, but for what is newer here; of another agent nothing is touched", () => {
    const { sessions, told } = setUp();
    for (const id of ["gone", "newer", "elsewhere"]) {
      sessions.see(id, id === "elsewhere" ? { ...owner, agentId: "ops" } : owner);
      sessions.pin(id, pin);
    }
    sessions.adopt("main", new Map([kept("fresh", "f"), kept("newer", "old")]), new Set(["newer"]));
    const models = Object.fromEntries(sessions.list().map(({ id, pin }) => [id, pin?.model.model]));
    expect(models).toEqual({ gone: undefined, newer: "m", elsewhere: "m", fresh: "f" });
    expect(told).toHaveLength(3);
    expect(sessions.clear("fresh")).toBe(true);
    expect(sessions.get("fresh")).toMatchObject({ pin: undefined });
  });

  test("and is not known refuses the sessions of that agent until it is", () => {
    const { sessions } = setUp();
    const problem = new Error("torn");
    sessions.setProblem("main", problem);
    expect(() => sessions.see("s", owner)).toThrow(problem);
    expect(sessions.see("s", { ...owner, agentId: "ops" }).id).toBe("s");
    sessions.setProblem("main", undefined);
    expect(sessions.see("t", owner).id).toBe("t");
  });
});
