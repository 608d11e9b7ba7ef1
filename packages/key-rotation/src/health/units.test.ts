import { fakeCandidate, manualClock } from "@openclaw/testkit";
import { expect, test } from "vitest";
import type { Failure } from "../failure.ts";
import type { Plan } from "../plan.ts";
import { createHealth } from "./health.ts";
import { createReadyList } from "./ready-list.ts";
import { createUnits } from "./units.ts";
import { defaultCooldownPolicy } from "./window.ts";

const HOUR = 3_600_000;
const candidates = [fakeCandidate("one"), fakeCandidate("two")];
const plan: Plan = { provider: "test-provider", candidates, excluded: [] };
const unpaid: Failure = { class: "billing", scope: "credential", rule: "test" };
const limited: Failure = { class: "rate_limit", scope: "model", rule: "test" };

test("what is looked at a thousand times is looked at once more when its time comes", () => {
  const units = createUnits(defaultCooldownPolicy);
  const credential = units.of("one", undefined);
  let looks = 0;
  const standingOf = () => {
    looks += 1;
    return { isReady: true, isFresh: true };
  };
  const list = createReadyList([{ candidate: fakeCandidate("one"), credential, bucket: undefined }], { standingOf, modelsApart: () => [] });
  units.enter(list);
  credential.readings.set("m", { sequence: 1, headroom: [], lowUntil: HOUR });
  for (let count = 0; count < 1000; count += 1) units.refresh(credential, "m", 0);
  looks = 0;
  units.wake(HOUR - 1);
  expect(looks).toBe(0);
  units.wake(HOUR);
  expect(looks).toBe(1);
});

test("who is in use, was used today or is in a list is remembered, and the others are not", () => {
  const day = defaultCooldownPolicy.forgetMs;
  const units = createUnits(defaultCooldownPolicy);
  const named = ["in-use", "used", "listed", "idle"].map((id) => units.of(id, undefined));
  const [inUse, used, listed] = named;
  if (!inUse || !used || !listed) throw new Error("not made");
  inUse.inFlight = 1;
  used.lastUsed = 1;
  const judge = { standingOf: () => ({ isReady: true, isFresh: true }), modelsApart: () => [] };
  const list = createReadyList([{ candidate: fakeCandidate("one"), credential: listed, bucket: undefined }], judge);
  units.enter(list);
  for (let count = 0; count < 300; count += 1) units.slotOf(units.of("busy", undefined), `made-up-${count}`);
  units.sweep(() => 1, day);
  expect(named.map((unit) => units.of(unit.id, undefined) === unit)).toEqual([true, true, true, false]);
  expect(list.entries).toHaveLength(1);
});

test("thousands of made-up models that are limited cost each no more than the first", { timeout: 5000 }, () => {
  const clock = manualClock();
  const health = createHealth({ clock });
  const cooling = { ...limited, retryAt: clock.now() + HOUR };
  for (let count = 0; count < 10_000; count += 1) {
    const made = { ...plan, model: `made-up-${count}` };
    for (let ticket = health.choose(made); ticket; ticket = health.choose(made)) health.settle(ticket, cooling);
  }
  clock.advance(HOUR);
  expect(health.peek({ ...plan, model: "made-up-1" })?.id).toBe("one");
});

test("of made-up models whose windows have ended some thousands are remembered at most, and what holds for all models stays", () => {
  const clock = manualClock();
  const health = createHealth({ clock });
  const second = candidates.slice(1);
  for (const failure of [unpaid, unpaid]) {
    const ticket = health.choose(plan);
    if (ticket) health.settle(ticket, failure);
    clock.advance(HOUR);
  }
  for (let count = 0; count < 60_000; count += 1) {
    const ticket = health.choose({ ...plan, model: `made-up-${count}`, candidates: second });
    if (ticket) health.settle(ticket, { ...limited, retryAt: clock.now() + 1000 });
    if (count % 100 === 0) clock.advance(1000);
  }
  expect(health.size()).toBeLessThan(30_000);
  expect(health.inspect()).toContainEqual(
    expect.objectContaining({ id: "one", model: "*", window: expect.objectContaining({ count: 2 }) }),
  );
});

test("a list made anew for each request costs each no more than the first", { timeout: 5000 }, () => {
  const health = createHealth({ clock: manualClock() });
  const outcomes = [limited, "ok"] as const;
  for (let count = 0; count < 20_000; count += 1) {
    const ticket = health.choose({ ...plan, model: `m-${count % 50}`, candidates: [...candidates] });
    if (ticket) health.settle(ticket, outcomes[count % 2] ?? "ok");
  }
  expect([health.peek({ ...plan, model: "m-0" }), health.peek({ ...plan, model: "m-1" })?.id]).toEqual([undefined, "one"]);
});

test("a thousand credentials that share one quota are listed as fast as others", { timeout: 2000 }, () => {
  const health = createHealth({ clock: manualClock() });
  const sharing = Array.from({ length: 1000 }, (_, index) => ({ ...fakeCandidate(`key-${index}`), bucket: "shared" }));
  const lists = Array.from({ length: 10 }, () => ({ ...plan, candidates: [...sharing] }));
  expect(lists.map((each) => health.peek(each)?.id)).toEqual(lists.map(() => "key-0"));
});
