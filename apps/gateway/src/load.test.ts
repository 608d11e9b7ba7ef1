import { expect, onTestFinished, test } from "vitest";
import { createLoad, type Load } from "./load.ts";

function setUp(limits: Partial<Parameters<typeof createLoad>[0]["limits"]> = {}) {
  const told: string[] = [];
  const load = createLoad({
    limits: { maxRequests: 3, maxHeldBodyBytes: 100, maxEventLoopDelayMs: 60_000, ...limits },
    onOverload: (reason) => told.push(reason),
    onRelief: (refused) => told.push(`${refused}`),
  });
  onTestFinished(() => load.close());
  return { load, told };
}

const overloaded = expect.objectContaining({ code: "overloaded", retryAfterSeconds: 1 });
const begin = (load: Load, bytes: number) => () => load.begin(bytes);

test("R2: so many requests are taken on, and one more when one has ended", () => {
  const { load, told } = setUp();
  for (const bytes of [1, 2, 3]) load.begin(bytes);
  expect(begin(load, 0)).toThrow(overloaded);
  expect(begin(load, 0)).toThrow(overloaded);
  load.end();
  load.begin(0);
  expect([load.requests, load.heldBytes, told]).toEqual([3, 6, ["requests"]]);
});

test("G8: bodies are taken on as long as they fit, and one of any size alone", () => {
  const { load, told } = setUp();
  load.begin(60);
  expect(begin(load, 41)).toThrow(overloaded);
  load.begin(40);
  load.release(60);
  load.release(40);
  load.end();
  load.begin(1_000);
  expect(begin(load, 1)).toThrow(overloaded);
  expect([load.requests, load.heldBytes, told]).toEqual([2, 1_000, ["held-bodies"]]);
});

test("a loop that is late once is none that does not keep up, and one that is late twice is", async () => {
  const { load, told } = setUp({ maxEventLoopDelayMs: 100 });
  const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
  const block = async () => {
    const until = performance.now() + 400;
    while (performance.now() < until);
    await turn();
  };
  await block();
  expect(begin(load, 0)).not.toThrow();
  await block();
  await block();
  expect(begin(load, 0)).toThrow(overloaded);
  expect(told).toEqual(["event-loop"]);
});
