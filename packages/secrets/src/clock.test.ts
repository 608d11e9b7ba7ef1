import type * as timers from "node:timers/promises";
import { setTimeout as timer } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { systemClock } from "./clock.ts";

vi.mock("node:timers/promises", async (importOriginal) => {
  const original = await importOriginal<typeof timers>();
  return { ...original, setTimeout: vi.fn<typeof timers.setTimeout>(original.setTimeout) };
});

afterEach(() => {
  vi.mocked(timer).mockReset();
});

test("tells the machine's time", () => {
  const before = Date.now();
  expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  expect(systemClock.now()).toBeLessThanOrEqual(Date.now());
});

test("an abort ends a sleep with the signal's own reason", async () => {
  const controller = new AbortController();
  const reason = new Error("the client left");
  const slept = systemClock.sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(slept).rejects.toBe(reason);
});

test("a signal that is aborted already ends a sleep of no length too", async () => {
  const reason = { why: "not even an Error" };
  await expect(systemClock.sleep(0, AbortSignal.abort(reason))).rejects.toBe(reason);
  await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
});

test.each([0, -1])("does not wait for %i ms", async (durationMs) => {
  await systemClock.sleep(durationMs);
  expect(timer).not.toHaveBeenCalled();
});

test("sleeps longer than one timer can, where setTimeout alone would wake at once", async () => {
  vi.mocked(timer).mockResolvedValue(undefined);
  const longest = 2 ** 31 - 1;
  await systemClock.sleep(2 * longest + 5);
  expect(vi.mocked(timer).mock.calls.map(([durationMs]) => durationMs)).toEqual([longest, longest, 5]);
});

test("a sleep in the background does not keep the process alive, any other does", async () => {
  vi.mocked(timer).mockResolvedValue(undefined);
  await systemClock.sleep(5, undefined, { isBackground: true });
  await systemClock.sleep(5);
  expect(vi.mocked(timer).mock.calls.map(([, , options]) => options)).toEqual([{ ref: false }, { ref: true }]);
});
