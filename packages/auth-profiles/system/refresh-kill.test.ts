import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Secret } from "@openclaw/secrets";
import { createRequesterPool, SALT, type Ask, type Gate, type Outcome, type Requester } from "./refresh-requester.ts";
import { AGENTS, OLD_ACCESS, openScene, type Scene, type SceneOptions } from "./refresh-scene.ts";

const pool = createRequesterPool();
/** Of each agent one, who ask while another process refreshes, and live on. */
let others: readonly Requester[];
beforeAll(async () => {
  others = await pool.start(AGENTS.length);
}, 60_000);
afterAll(() => pool.end());

async function open(options: SceneOptions = {}): Promise<Scene> {
  const scene = await openScene(options);
  onTestFinished(() => scene.end());
  return scene;
}

/** A process that is about to be killed. */
async function startHolder(): Promise<Requester> {
  const [holder] = await pool.start(1);
  if (holder === undefined) throw new Error("it was not started");
  return holder;
}

const askAll = (scene: Scene, more: Partial<Ask> = {}) =>
  Promise.all(others.map((requester, index) => requester.ask(scene.ask(AGENTS[index], more))));

/** The message of what became of a process that is killed. */
const endOf = (asked: Promise<Outcome>) => asked.then(JSON.stringify, (error: unknown) => String(error));

/** Kills a process that refreshes, when the others have begun to wait for it. What became of them. */
async function killAt(scene: Scene, where: Gate | "in flight"): Promise<readonly Outcome[]> {
  const holder = await startHolder();
  const answer = Promise.withResolvers<void>();
  const isSentBefore = where !== "probed" && where !== "noted";
  if (isSentBefore) scene.idp.script({ beforeAnswering: answer.promise });
  const killed = endOf(holder.ask(scene.ask("main", where === "in flight" ? {} : { stopAt: where })));
  await (isSentBefore ? scene.idp.waitForTokenRequests(1) : holder.atGate());
  const waiting = askAll(scene);
  await Promise.all(others.map((requester) => requester.atLock()));
  if (where !== "in flight") answer.resolve();
  if (where !== "in flight") await holder.atGate();
  holder.signal("SIGKILL");
  expect(await killed).toMatch(/ended/);
  answer.resolve();
  return waiting;
}

const asked = ({ idp }: Scene) => ({ requests: idp.tokenRequests(), reuses: idp.reuses() });
const named = (token: string) => Secret.of(token).fingerprint(SALT);

describe("a process is killed that refreshes an account for which others wait", () => {
  test.each<readonly [string, Gate]>([
    ["before it has noted its request", "probed"],
    ["before its request, which it has noted", "noted"],
    ["after it has written the new tokens, and before it has let go of the lock", "saved"],
  ])("O1: %s: there is one token request, and all get what it gave", async (_, stopAt) => {
    const scene = await open();
    const outcomes = await killAt(scene, stopAt);
    const { access } = await scene.stored();
    expect(new Set(outcomes.map(({ token, code }) => token ?? code))).toEqual(new Set([access]));
    expect(access).not.toBe(named(OLD_ACCESS));
    expect(asked(scene)).toEqual({ requests: 1, reuses: 0 });
    expect(await askAll(scene)).toMatchObject(AGENTS.map(() => ({ token: access, isAtOnce: true })));
    expect(asked(scene)).toEqual({ requests: 1, reuses: 0 });
  });

  describe.each<readonly [string, Gate | "in flight"]>([
    ["after its request was acted on, and before the answer", "in flight"],
    ["after the answer, and before it was written", "answered"],
  ])("O6: %s", (_, where) => {
    test("the token is sent once more; nobody asks again, each is told that it is indeterminate, and the disk stays", async () => {
      const scene = await open();
      const before = await scene.file();
      const outcomes = await killAt(scene, where);
      expect(outcomes.map(({ code }) => code)).toEqual(AGENTS.map(() => "refresh-indeterminate"));
      expect(outcomes.map(({ hint }) => hint)).toEqual(AGENTS.map(() => "openclaw models auth login --provider acme"));
      expect(scene.idp.tokenRequests()).toBe(2);

      expect((await askAll(scene)).map(({ code }) => code)).toEqual(AGENTS.map(() => "refresh-indeterminate"));
      expect(scene.idp.tokenRequests()).toBe(2);
      expect(await scene.file()).toBe(before);
    });

    test("the second sending succeeds where the provider forgives, and all get what it gave", async () => {
      const scene = await open({ graceMs: 60_000 });
      const outcomes = await killAt(scene, where);
      const { access } = await scene.stored();
      expect(new Set(outcomes.map(({ token, code }) => token ?? code))).toEqual(new Set([access]));
      expect(access).not.toBe(named(OLD_ACCESS));
      expect(asked(scene)).toEqual({ requests: 2, reuses: 0 });
      expect(await scene.leftovers()).toEqual(["state/refresh/"]);
    });
  });

  test("O6: killed while it refreshed ahead: the old access is used at once as long as it lives, and never asked for again", async () => {
    const scene = await open({ livesMs: 240_000 });
    // Who refreshes ahead believes that it ends in 20 s.
    const ahead: Partial<Ask> = { isAhead: true, clockShiftMs: 220_000 };
    const before = await scene.file();
    const atOnce = AGENTS.map(() => ({ token: named(OLD_ACCESS), isAtOnce: true }));
    const holder = await startHolder();
    const answer = Promise.withResolvers<void>();
    scene.idp.script({ beforeAnswering: answer.promise });
    const killed = endOf(holder.ask(scene.ask("main", ahead)));
    await scene.idp.waitForTokenRequests(1);
    holder.signal("SIGKILL");
    expect(await killed).toMatch(/ended/);
    answer.resolve();
    expect(await askAll(scene)).toEqual(atOnce);
    expect(scene.idp.tokenRequests()).toBe(1);

    expect((await askAll(scene, ahead)).map(({ code }) => code)).toEqual(AGENTS.map(() => "refresh-indeterminate"));
    expect(await askAll(scene)).toEqual(atOnce);
    expect((await askAll(scene, { isRefused: true })).map(({ code }) => code)).toEqual(AGENTS.map(() => "refresh-indeterminate"));
    expect(scene.idp.tokenRequests()).toBe(2);
    expect(await scene.file()).toBe(before);
  });
});
