import { manualClock } from "@openclaw/testkit";
import { expect, test } from "vitest";
import type { Clock } from "./clock.ts";
import { hasSlept } from "./has-slept.ts";

const { signal } = new AbortController();

test("tells a sleep to the end from one that an abort ended", async () => {
  const clock = manualClock();
  const ending = new AbortController();
  const [whole, cut] = [hasSlept(clock, 1000, signal), hasSlept(clock, 2000, ending.signal)];
  clock.advance(1000);
  ending.abort();
  expect([await whole, await cut]).toEqual([true, false]);
  expect(await hasSlept(clock, 0, AbortSignal.abort())).toBe(false);
});

test("does not keep the process alive, and a clock that breaks is no abort", async () => {
  const slept: unknown[] = [];
  const clock: Clock = {
    now: () => 0,
    async sleep(...args) {
      slept.push(args);
      throw new Error("no timers left");
    },
  };
  await expect(hasSlept(clock, 1000, signal)).rejects.toThrow("no timers left");
  expect(slept).toEqual([[1000, signal, { isBackground: true }]]);
});
