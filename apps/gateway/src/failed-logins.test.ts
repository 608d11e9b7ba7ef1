import { manualClock } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { createFailedLogins } from "./failed-logins.ts";

function setUp(burst = 3) {
  const clock = manualClock();
  const told: string[] = [];
  return { clock, told, failed: createFailedLogins({ clock, burst, onLimited: (source) => told.push(source) }) };
}

test("T7: so many wrong tokens are free, then one every three seconds", async () => {
  const { clock, failed } = setUp();
  expect([1, 2, 3, 4, 5].map(() => failed.note("10.0.0.1"))).toEqual([0, 0, 0, 3_000, 3_000]);
  await clock.advance(1_000);
  expect([failed.note("10.0.0.1"), failed.waitOf("10.0.0.1")]).toEqual([2_000, 2_000]);
  await clock.advance(2_000);
  expect([failed.waitOf("10.0.0.1"), failed.note("10.0.0.1"), failed.note("10.0.0.1")]).toEqual([0, 0, 3_000]);
});

test("T7: one source is limited, and no other", () => {
  const { failed } = setUp(1);
  failed.note("10.0.0.1");
  expect([failed.note("10.0.0.1"), failed.note("10.0.0.2"), failed.waitOf("10.0.0.3")]).toEqual([3_000, 0, 0]);
});

test("T7: a source is told of once, until it was quiet", async () => {
  const { clock, told, failed } = setUp(2);
  for (let index = 0; index < 50; index += 1) failed.note("10.0.0.1");
  await clock.advance(3_000);
  for (let index = 0; index < 50; index += 1) failed.note("10.0.0.1");
  expect(told).toEqual(["10.0.0.1"]);
  await clock.advance(6_000);
  for (let index = 0; index < 50; index += 1) failed.note("10.0.0.1");
  expect(told).toEqual(["10.0.0.1", "10.0.0.1"]);
});

test("T7: a hundred thousand sources take no more memory than 4096, and forget those heard of longest ago", () => {
  const { failed } = setUp(1);
  failed.note("first");
  for (let index = 0; index < 100_000; index += 1) failed.note(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);
  expect(failed.size).toBe(4_096);
  expect(failed.waitOf("first")).toBe(0);
  expect(failed.waitOf("10.1.134.159")).toBe(3_000);
});

test("a clock that was set back makes nobody wait longer, nor sooner be let in", async () => {
  const clock = manualClock();
  let now = clock.now();
  const failed = createFailedLogins({ clock: { now: () => now }, burst: 1, onLimited: () => undefined });
  failed.note("a");
  now -= 3_600_000;
  expect(failed.note("a")).toBe(3_000);
  now += 3_000;
  expect(failed.note("a")).toBe(0);
  now -= 3_600_000;
  // Who shows no wrong one again, and is looked at in passing only.
  expect(failed.waitOf("a")).toBe(3_000);
  now += 3_000;
  expect(failed.waitOf("a")).toBe(0);
});
