import { expect, test } from "vitest";
import { MANUAL_CLOCK_START, manualClock } from "./manual-clock.ts";

test("stands still until it is advanced", () => {
  const clock = manualClock();
  expect(clock.now()).toBe(MANUAL_CLOCK_START);
  clock.advance(250);
  expect(clock.now()).toBe(MANUAL_CLOCK_START + 250);
  expect(manualClock(5).now()).toBe(5);
});

test("wakes those who are due, in the order of their deadlines", async () => {
  const clock = manualClock(0);
  const woken: string[] = [];
  const late = clock.sleep(200).then(() => woken.push("late"));
  const early = clock.sleep(100).then(() => woken.push("early"));
  const never = clock.sleep(201).then(() => woken.push("never"));
  expect(clock.sleeping()).toEqual([100, 200, 201]);
  clock.advance(200);
  await Promise.all([late, early]);
  expect(woken).toEqual(["early", "late"]);
  expect(clock.sleeping()).toEqual([201]);
  clock.advance(1);
  await never;
});

test("does not wake a sleeper one millisecond early", async () => {
  const clock = manualClock(0);
  let isAwake = false;
  const slept = clock.sleep(100).then(() => (isAwake = true));
  clock.advance(99);
  await Promise.resolve();
  expect(isAwake).toBe(false);
  clock.advance(1);
  await slept;
});

test("sleeping for no time does not wait", async () => {
  await expect(manualClock().sleep(0)).resolves.toBeUndefined();
});

test("an abort rejects with the signal's reason and ends the sleep", async () => {
  const clock = manualClock(0);
  const controller = new AbortController();
  const reason = new Error("stopped by the test");
  const slept = clock.sleep(100, controller.signal);
  controller.abort(reason);
  await expect(slept).rejects.toBe(reason);
  expect(clock.sleeping()).toEqual([]);
  await expect(clock.sleep(100, controller.signal)).rejects.toBe(reason);
});

test("tells when the code under test has reached its pause", async () => {
  const clock = manualClock(0);
  const two = clock.waitForSleepers(2);
  const slept = Promise.all([clock.sleep(1), clock.sleep(2)]);
  await two;
  expect(clock.sleeping()).toHaveLength(2);
  await clock.waitForSleepers();
  clock.advance(2);
  await slept;
});
