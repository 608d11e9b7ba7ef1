import { SecretsError, type LockFolder } from "@openclaw/secrets";
import { describe, expect, test } from "vitest";
import { HOUR_MS, ID, refreshBench, type RefreshBench } from "../../system/refresh-bench.ts";
import type { Refresher } from "./refresher.ts";

const requestOf = async (bench: RefreshBench, agent: string) => ({
  id: ID,
  profile: await bench.login(agent),
  storage: bench.storage(agent),
});
const ask = async (bench: RefreshBench, refresher: Refresher, agent: string) => refresher.live(await requestOf(bench, agent));

const UNNAMED = { accountId: undefined };

/** Agents whose files hold the same tokens, and say of whom they are as given. */
async function benchOf(copies: Readonly<Record<string, object>>) {
  const bench = await refreshBench();
  const { refresh } = bench.idp.issue();
  for (const [agent, facts] of Object.entries(copies)) {
    await bench.store(agent, { access: "test-access-old", refresh, expires: 1, ...facts });
    bench.storage(agent);
  }
  return { bench, refresh };
}

describe("O2: copies that do not agree on whose they are, and hold one refresh token", () => {
  const layouts: readonly (readonly [string, Readonly<Record<string, object>>])[] = [
    ["none says it", { main: UNNAMED, work: UNNAMED, home: UNNAMED }],
    ["one by the address only", { main: { email: "a@acme.test" }, work: { ...UNNAMED, email: "a@acme.test" } }],
    ["one by its id, one not", { main: {}, work: UNNAMED }],
  ];

  test.each(layouts)("O2: %s: at once they make one request, and each file gets the tokens", async (_how, copies) => {
    const { bench, refresh } = await benchOf(copies);
    const agents = Object.keys(copies);
    // A gateway keeps them with one refresher; other processes have their own.
    for (const refreshers of [
      () => bench.refresher(),
      (
        (one) => () =>
          one
      )(bench.refresher()),
    ]) {
      const before = bench.idp.tokenRequests();
      const all = await Promise.all(agents.map((agent) => ask(bench, refreshers(), agent)));
      expect(new Set(all.map(({ secret }) => secret.reveal())).size).toBe(1);
      expect([bench.idp.tokenRequests() - before, bench.idp.reuses(), await bench.notes()]).toEqual([1, 0, 0]);
      for (const agent of agents) expect((await bench.login(agent)).refresh?.reveal()).not.toBe(refresh);
      bench.clock.advance(2 * HOUR_MS);
    }
  });

  test.each(layouts)("O2: %s: a token that is dead, or whose answer was lost, is known of to all", async (_how, copies) => {
    const { bench, refresh } = await benchOf(copies);
    bench.idp.revoke(refresh);
    for (const agent of Object.keys(copies)) {
      await expect(ask(bench, bench.refresher(), agent)).rejects.toMatchObject({ code: "oauth-refresh-rejected" });
      const states = await bench.refresher().states([await requestOf(bench, agent)]);
      expect(states).toEqual(new Map([[ID, "rejected"]]));
    }
    expect(bench.idp.tokenRequests()).toBe(1);
  });

  test("O2: who comes while another is about to write the copies waits for that, and is not told that nobody knows", async () => {
    const { bench } = await benchOf({ main: UNNAMED, work: UNNAMED });
    const writing = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const real = bench.storage("work");
    const update: typeof real.update = async (change, options) => {
      writing.resolve();
      await gate.promise;
      return real.update(change, options);
    };
    const work = { ...real, update };
    const first = ask(bench, bench.refresher({ siblings: () => [bench.storage("main"), work] }), "main");
    await writing.promise;
    const waiting = Promise.withResolvers<void>();
    const locks: LockFolder = {
      withLock(name, run, options) {
        if (name.startsWith("token-")) waiting.resolve();
        return bench.locks.withLock(name, run, options);
      },
    };
    const second = ask(bench, bench.refresher({ locks }), "work");
    await Promise.race([waiting.promise, second]);
    gate.resolve();
    const [{ secret }, other] = await Promise.all([first, second]);
    expect(other.secret.equals(secret)).toBe(true);
    expect([bench.idp.tokenRequests(), bench.idp.reuses(), await bench.notes()]).toEqual([1, 0, 0]);
  });

  test("O2: a copy that could not be written does not send the spent token, whoever it is of", async () => {
    const { bench } = await benchOf({ main: UNNAMED, work: UNNAMED });
    const main = bench.storage("main");
    const work = { ...bench.storage("work"), update: () => Promise.reject(new Error("read-only")) };
    const siblings = () => [main, work];
    await ask(bench, bench.refresher({ siblings }), "main");
    bench.clock.advance(20_000);
    await expect(ask(bench, bench.refresher({ siblings }), "work")).rejects.toMatchObject({ code: "refresh-indeterminate" });
    expect(await bench.refresher().states([await requestOf(bench, "work")])).toEqual(new Map([[ID, "indeterminate"]]));
    expect([bench.idp.tokenRequests(), bench.idp.reuses()]).toEqual([1, 0]);
  });

  test("O4: who waits for another to send the token gives up after 45 s, and has sent nothing", async () => {
    const { bench } = await benchOf({ main: UNNAMED });
    const waited: (readonly [string, number | undefined])[] = [];
    const locks: LockFolder = {
      withLock(name, run, options) {
        waited.push([name.replace(/-.*/, ""), options?.timeoutMs]);
        if (!name.startsWith("token-")) return bench.locks.withLock(name, run, options);
        return Promise.reject(new SecretsError("lock-timeout", "Waited for process 7"));
      },
    };
    await expect(ask(bench, bench.refresher({ locks }), "main")).rejects.toMatchObject({
      code: "refresh-busy",
      profileId: ID,
      message: expect.stringContaining("process 7"),
    });
    expect(waited).toEqual([
      ["refresh", 45_000],
      ["token", 45_000],
    ]);
    expect(bench.idp.tokenRequests()).toBe(0);
  });

  test("O2: unnamed logins with tokens of their own do not wait for each other, and stay apart", async () => {
    const bench = await refreshBench();
    for (const agent of ["main", "work"]) {
      await bench.store(agent, { access: "test-access-old", refresh: bench.idp.issue().refresh, expires: 1, ...UNNAMED });
      bench.storage(agent);
    }
    const refresher = bench.refresher();
    const all = await Promise.all(["main", "work"].map((agent) => ask(bench, refresher, agent)));
    expect(new Set(all.map(({ secret }) => secret.reveal())).size).toBe(2);
    expect([bench.idp.tokenRequests(), bench.idp.reuses()]).toEqual([2, 0]);
  });
});
