import { expect, test } from "vitest";
import { createDeadlines } from "./deadlines.ts";

test("calls back what was not taken away, each once, in the order of its time", async () => {
  const deadlines = createDeadlines(20);
  const calls: string[] = [];
  const gone = () => void calls.push("gone");
  deadlines.add(() => void calls.push("first"));
  deadlines.add(gone);
  const second = new Promise<void>((resolve) => {
    setImmediate(() => {
      deadlines.add(() => {
        calls.push("second");
        resolve();
      });
    });
  });
  deadlines.delete(gone);
  await second;
  expect(calls).toEqual(["first", "second"]);
});

test("waits anew for what is added after all of it was called", async () => {
  const deadlines = createDeadlines(5);
  const wait = () => new Promise<void>((resolve) => deadlines.add(resolve));
  await wait();
  const startedAt = performance.now();
  await wait();
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(4);
});
