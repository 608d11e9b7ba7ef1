import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { watchEventLoop } from "./event-loop.ts";

test("a loop that was blocked was late by about that, whoever reads it and how often", async () => {
  const eventLoop = watchEventLoop();
  onTestFinished(() => eventLoop.close());
  // Its first look is what the second is compared with.
  await setTimeout(50);
  const until = performance.now() + 300;
  while (performance.now() < until);
  await expect.poll(() => eventLoop.delay().maxMs).toBeGreaterThan(200);
  expect(eventLoop.delay().maxMs).toBeGreaterThan(200);
  expect(eventLoop.delay().maxMs).toBeLessThan(5_000);
  expect(eventLoop.activeSeconds()).toBeGreaterThan(0.2);
});
