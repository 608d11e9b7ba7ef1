import { expect, test } from "vitest";
import { createLimiter } from "./limiter.ts";

test("so many run at once and the rest wait their turn", async () => {
  const limit = createLimiter(2);
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const started: number[] = [];
  const runs = gates.map((gate, index) =>
    limit(async () => {
      started.push(index);
      await gate.promise;
      return index;
    }),
  );
  await Promise.resolve();
  expect(started).toEqual([0, 1]);
  gates[1]?.resolve();
  await runs[1];
  await new Promise(setImmediate);
  expect(started).toEqual([0, 1, 2]);
  for (const gate of gates) gate.resolve();
  expect(await Promise.all(runs)).toEqual([0, 1, 2, 3, 4]);
  expect(started).toEqual([0, 1, 2, 3, 4]);
});

test("a failed run gives its place back", async () => {
  const limit = createLimiter(1);
  await expect(limit(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await limit(async () => "next")).toBe("next");
});

test("who gives up waiting is never run, and holds no place", async () => {
  const limit = createLimiter(1);
  const gate = Promise.withResolvers<void>();
  const first = limit(() => gate.promise);
  const giveUp = new AbortController();
  let hasRun = false;
  const second = limit(async () => void (hasRun = true), giveUp.signal);
  const third = limit(async () => "third");
  giveUp.abort(new Error("given up"));
  await expect(second).rejects.toThrow("given up");
  gate.resolve();
  await first;
  expect(await third).toBe("third");
  expect(hasRun).toBe(false);
});

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])("a place that comes %i turns before giving up is not lost", async (turns) => {
  const limit = createLimiter(1);
  const gate = Promise.withResolvers<void>();
  const first = limit(() => gate.promise);
  const giveUp = new AbortController();
  const second = limit(async () => "second", giveUp.signal);
  const third = limit(async () => "third");
  gate.resolve();
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
  giveUp.abort(new Error("given up"));
  await Promise.allSettled([first, second]);
  expect(await third).toBe("third");
});
