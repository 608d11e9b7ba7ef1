import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRequesterPool, type Ask, type Gate, type Outcome, type Requester } from "./refresh-requester.ts";
import { openScene, type Scene } from "./refresh-scene.ts";

/** The kernel's own doing is tested here, so that these are the only tests that wait for real: all at the same time. */
const SHORT_STOP_MS = 30_500;
const LIMIT_MS = 110_000;
const WAITERS = 2;

const pool = createRequesterPool();
let idle: Requester[];
beforeAll(async () => {
  idle = [...(await pool.start(4 * (1 + WAITERS)))];
}, LIMIT_MS);
afterAll(() => pool.end());

interface Stopped {
  readonly scene: Scene;
  readonly holder: Requester;
  readonly waiters: readonly Requester[];
  /** What becomes of the process that is stopped. */
  readonly held: Promise<Outcome>;
  /** What becomes of those who wait for it. */
  readonly waiting: Promise<readonly Outcome[]>;
}

const agentOf = (index: number) => (index % 2 === 0 ? "work" : "ops");

/** A process that refreshes is stopped, at a gate or while the answer comes in, when others have begun to wait for it. */
async function stopWhile(scene: Scene, where: Gate | "in flight"): Promise<Stopped> {
  const [holder, ...waiters] = idle.splice(0, 1 + WAITERS);
  if (holder === undefined) throw new Error("nobody is left");
  const answer = Promise.withResolvers<void>();
  if (where === "in flight") scene.idp.script({ beforeAnswering: answer.promise });
  const more: Partial<Ask> = where === "in flight" ? {} : { stopAt: where };
  const held = holder.ask(scene.ask("main", more));
  await (where === "in flight" ? scene.idp.waitForTokenRequests(1) : holder.atGate());
  const waiting = Promise.all(waiters.map((waiter, index) => waiter.ask(scene.ask(agentOf(index)))));
  await Promise.all(waiters.map((waiter) => waiter.atLock()));
  holder.signal("SIGSTOP");
  // What it waits for is there as soon as it goes on.
  answer.resolve();
  if (where !== "in flight") holder.pass();
  return { scene, holder, waiters, held, waiting };
}

async function inScene(run: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = await openScene();
  try {
    await run(scene);
  } finally {
    await scene.end();
  }
}

describe.concurrent("a process is stopped that refreshes an account", () => {
  test.each<readonly [Gate | "in flight"]>([["noted"], ["in flight"]])(
    "O1: for 30 s (%s): the others wait, and there is one token request",
    (where) =>
      inScene(async (scene) => {
        const { holder, held, waiting } = await stopWhile(scene, where);
        await sleep(SHORT_STOP_MS);
        holder.signal("SIGCONT");
        const outcomes = [await held, ...(await waiting)];
        const { access } = await scene.stored();
        expect(outcomes.map(({ token, code }) => token ?? code)).toEqual([access, access, access]);
        expect([scene.idp.tokenRequests(), scene.idp.reuses()]).toEqual([1, 0]);
        expect(await scene.leftovers()).toEqual(["state/refresh/"]);
      }),
    LIMIT_MS,
  );

  test.each<readonly [Gate | "in flight", number]>([
    ["probed", 0],
    ["in flight", 1],
  ])(
    "O4: for more than 45 s (%s): the lock is not stolen, the others are told whom they waited for, and there is one token request in the end",
    (where, sent) =>
      inScene(async (scene) => {
        const before = await scene.file();
        const { holder, waiters, held, waiting } = await stopWhile(scene, where);
        for (const outcome of await waiting) {
          expect(outcome).toEqual({
            code: "refresh-busy",
            message: expect.stringContaining(`which process ${holder.pid} holds`),
            hint: expect.any(String),
          });
        }
        expect(scene.idp.tokenRequests()).toBe(sent);
        expect(await scene.file()).toBe(before);

        holder.signal("SIGCONT");
        const { token, code } = await held;
        const { access } = await scene.stored();
        expect(token ?? code).toBe(access);
        const later = await Promise.all(waiters.map((waiter, index) => waiter.ask(scene.ask(agentOf(index)))));
        expect(later).toEqual([
          { token: access, isAtOnce: true },
          { token: access, isAtOnce: true },
        ]);
        expect([scene.idp.tokenRequests(), scene.idp.reuses()]).toEqual([1, 0]);
        expect(await scene.leftovers()).toEqual(["state/refresh/"]);
      }),
    LIMIT_MS,
  );
});
