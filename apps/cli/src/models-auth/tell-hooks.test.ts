import { manualClock } from "@openclaw/testkit";
import { expect, test } from "vitest";
import type { Hook, Notice } from "./notice.ts";
import { createTelling } from "./tell-hooks.ts";

const noticeOf = (profileId: string): Notice => ({
  version: 1,
  profileId,
  provider: "p",
  from: "ok",
  to: "dead",
  at: 0,
  agentId: "main",
  text: "",
});

/** Ends with its signal, as a program does that is ended. */
const hangs: Hook = (_notice, signal) =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("ended", { cause: signal.reason }))));

function scene(count: number, hooks: readonly Hook[]) {
  const clock = manualClock();
  const start = clock.now();
  const stop = new AbortController();
  const telling = createTelling({ hooks, clock, signal: stop.signal }, count);
  return { clock, start, stop, telling };
}

test("one event has 40 s, which is more than a program or a webhook takes", async () => {
  const { telling, clock } = scene(1, [hangs]);
  const told = telling.tell(noticeOf("p:a"));
  clock.advance(39_999);
  clock.advance(1);
  expect(await told).toEqual(["it took longer than 40 s"]);
  telling.end();
  expect(clock.sleeping()).toEqual([]);
});

test("of many events those whose hook hangs have 15 s each, the others are told, and after 40 s none is begun", async () => {
  const told: string[] = [];
  const hook: Hook = (notice, signal) => (
    told.push(notice.profileId),
    notice.profileId === "p:ok" ? Promise.resolve(undefined) : hangs(notice, signal)
  );
  const { clock, start, telling } = scene(6, [hook]);
  const outcomes: (readonly string[])[] = [];
  for (const id of ["p:a", "p:ok", "p:b", "p:c", "p:ok", "p:d"]) {
    const problems = telling.tell(noticeOf(id));
    if (id !== "p:ok" && clock.now() - start < 40_000) clock.advance(15_000);
    outcomes.push(await problems);
  }
  const slow = ["it took longer than 15 s"];
  const late = ["those before it took 40 s"];
  expect(outcomes).toEqual([slow, [], slow, slow, late, late]);
  expect(told).toEqual(["p:a", "p:ok", "p:b", "p:c"]);
  expect(clock.now() - start).toBe(45_000);
  telling.end();
  expect(clock.sleeping()).toEqual([]);
});

test("hooks are told at the same time, so that one that hangs keeps no other from the event", async () => {
  const told: string[] = [];
  const { clock, telling } = scene(1, [hangs, async ({ profileId }) => (told.push(profileId), undefined), async () => "refused"]);
  const problems = telling.tell(noticeOf("p:a"));
  expect(told).toEqual(["p:a"]);
  clock.advance(40_000);
  expect(await problems).toEqual(["it took longer than 40 s", "refused"]);
});

test("being asked to stop comes back as it came, and so does a bug", async () => {
  const bug = new Error("a bug");
  await expect(scene(1, [() => Promise.reject(bug)]).telling.tell(noticeOf("p:a"))).rejects.toBe(bug);
  const { stop, telling, clock } = scene(2, [hangs]);
  const told = telling.tell(noticeOf("p:a"));
  const reason = new Error("stopped by the test");
  stop.abort(reason);
  await expect(told).rejects.toBe(reason);
  telling.end();
  expect(clock.sleeping()).toEqual([]);
});

test("without hooks, or events, nothing waits", async () => {
  const { clock, telling } = scene(3, []);
  expect(await telling.tell(noticeOf("p:a"))).toEqual([]);
  scene(0, [hangs]);
  expect(clock.sleeping()).toEqual([]);
});
