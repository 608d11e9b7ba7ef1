import { Secret, SecretsError } from "@openclaw/secrets";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { HOUR_MS, ID, refreshBench, refused, type RefreshBench } from "../../system/refresh-bench.ts";
import { AuthProfileError } from "../errors.ts";
import type { ProfileStorage } from "../file-storage.ts";
import { accountLockName } from "./account-lock.ts";
import type { Refresher } from "./refresher.ts";

const YEAR_MS = 365 * 24 * HOUR_MS;

/** A bench whose one login has ended, and its request. */
async function expired(options: Parameters<typeof refreshBench>[0] = {}, entry: object = {}) {
  const bench = await refreshBench(options);
  const { refresh } = bench.idp.issue();
  await bench.store("main", { access: "test-access-old", refresh, expires: bench.clock.now() - 1, ...entry });
  return { bench, refresh };
}

const requestOf = async (bench: RefreshBench) => ({ id: ID, profile: await bench.login("main"), storage: bench.storage("main") });
const ask = async (bench: RefreshBench, refresher: Refresher) => refresher.live(await requestOf(bench));

async function holdLock(bench: RefreshBench): Promise<() => void> {
  const { profile, storage } = await requestOf(bench);
  const name = await accountLockName({ id: ID, profile, storage, normalizeProvider: (provider) => provider });
  const held = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  bench.locks.withLock(name, async () => {
    held.resolve();
    await gate.promise;
  });
  await held.promise;
  return gate.resolve;
}

describe("while somebody else refreshes", () => {
  test("O4: who waits gives up after 45 s, and has sent nothing", async () => {
    const { bench } = await expired();
    const timeouts: (number | undefined)[] = [];
    const refresher = bench.refresher({
      locks: {
        withLock(_name, _run, options) {
          timeouts.push(options?.timeoutMs);
          return Promise.reject(new SecretsError("lock-timeout", "Waited for process 7"));
        },
      },
    });
    await expect(ask(bench, refresher)).rejects.toMatchObject({
      code: "refresh-busy",
      profileId: ID,
      message: expect.stringContaining("process 7"),
      hint: expect.any(String),
    });
    expect(timeouts).toEqual([45_000]);
    expect(bench.idp.tokenRequests()).toBe(0);
  });

  test("a store's lock that cannot be had is not taken for a busy account, and not waited for as long as that", async () => {
    const { bench } = await expired();
    const timeouts: (number | undefined)[] = [];
    const storage: ProfileStorage = {
      ...bench.storage("main"),
      update(_change, options) {
        timeouts.push(options?.timeoutMs);
        return Promise.reject(new SecretsError("lock-timeout", "Waited for process 7"));
      },
    };
    const request = { ...(await requestOf(bench)), storage };
    await expect(bench.refresher().live(request)).rejects.toMatchObject({
      code: "store-unwritable",
      profileId: ID,
      message: expect.stringContaining("process 7"),
      hint: expect.any(String),
    });
    expect(timeouts).toEqual([5_000]);
    expect(bench.idp.tokenRequests()).toBe(0);
  });

  test("a login that learns its account id meanwhile is refreshed under that name", async () => {
    const { bench, refresh } = await expired({}, { accountId: undefined });
    const names: string[] = [];
    const refresher = bench.refresher({
      locks: {
        withLock(name, run, options) {
          if (name.startsWith("refresh-")) names.push(name);
          return bench.locks.withLock(name, run, options);
        },
      },
    });
    const release = await holdLock(bench);
    const waiting = ask(bench, refresher);
    await bench.store("main", { access: "test-access-old", refresh, expires: 1, accountId: "account-one" });
    release();
    await expect(waiting).resolves.toMatchObject({ kind: "bearer" });
    expect(new Set(names).size).toBe(2);
    expect(bench.idp.tokenRequests()).toBe(1);
  });

  test("O14: a login removed meanwhile is not refreshed", async () => {
    const { bench } = await expired();
    const release = await holdLock(bench);
    const waiting = ask(bench, bench.refresher());
    waiting.catch(() => undefined);
    await bench.storage("main").update((draft) => draft.remove(ID));
    release();
    await expect(waiting).rejects.toMatchObject({ code: "profile-not-found" });
    expect(bench.idp.tokenRequests()).toBe(0);
  });

  test("O7: invalid_grant while another agent's file has a newer copy takes that one over", async () => {
    const { bench, refresh } = await expired();
    bench.storage("work");
    const gate = Promise.withResolvers<void>();
    bench.idp.revoke(refresh);
    bench.idp.script({ beforeSpending: gate.promise });
    const waiting = ask(bench, bench.refresher());
    await bench.idp.waitForTokenRequests(1);
    await bench.store("work", { access: "test-access-newer", refresh: "test-refresh-newer", expires: bench.clock.now() + HOUR_MS });
    gate.resolve();
    expect((await waiting).secret.reveal()).toBe("test-access-newer");
  });
});

test("a caller who gives up ends neither the request nor the waiting of others", async () => {
  const { bench } = await expired();
  const gate = Promise.withResolvers<void>();
  bench.idp.script({ beforeAnswering: gate.promise });
  const refresher = bench.refresher();
  const request = await requestOf(bench);
  const impatient = new AbortController();
  const first = Promise.resolve(refresher.live({ ...request, signal: impatient.signal }));
  await bench.idp.waitForTokenRequests(1);
  const second = refresher.live(request);
  impatient.abort(new Error("gone"));
  await expect(first).rejects.toThrow("gone");
  gate.resolve();
  const { secret } = await second;
  expect((await bench.login("main")).access?.equals(secret)).toBe(true);
  expect([bench.idp.tokenRequests(), await bench.notes()]).toEqual([1, 0]);
});

test("W2: tokens that could not be saved are kept, and saved at the next try without another request", async () => {
  const { bench, refresh } = await expired();
  const real = bench.storage("main");
  let updates = 0;
  const storage: ProfileStorage = {
    ...real,
    // The first update tries, the second saves.
    update: (change, options) => {
      updates++;
      return updates === 2 ? Promise.reject(new AuthProfileError("store-unwritable", "the disk is full")) : real.update(change, options);
    },
  };
  const refresher = bench.refresher();
  const request = { ...(await requestOf(bench)), storage };
  await expect(refresher.live(request)).rejects.toMatchObject({ code: "store-unwritable" });
  expect((await bench.login("main")).refresh?.reveal()).toBe(refresh);
  bench.clock.advance(HOUR_MS / 2);
  expect(await refresher.states([request])).toEqual(new Map([[ID, "ready"]]));
  const { secret } = await refresher.live(request);
  expect((await bench.login("main")).access?.equals(secret)).toBe(true);
  expect([bench.idp.tokenRequests(), bench.idp.reuses(), await bench.notes()]).toEqual([1, 0, 0]);
});

describe("where it cannot be noted that a token is sent, it is not sent", () => {
  test("a folder that others may write to", async () => {
    const { bench } = await expired();
    await mkdir(join(bench.home.path, "refresh"));
    await chmod(join(bench.home.path, "refresh"), 0o777);
    await expect(ask(bench, bench.refresher())).rejects.toMatchObject({
      code: "store-unwritable",
      profileId: ID,
      message: expect.stringContaining(join(bench.home.path, "refresh")),
      hint: expect.any(String),
    });
    expect(bench.idp.tokenRequests()).toBe(0);
  });

  test("no folder at all", async () => {
    const { bench } = await expired();
    await bench.home.write("refresh", "a file");
    const request = await requestOf(bench);
    await expect(bench.refresher().live(request)).rejects.toMatchObject({
      code: "store-unreadable",
      message: expect.stringContaining(join(bench.home.path, "refresh")),
    });
    expect(await bench.refresher().states([request])).toEqual(new Map([[ID, "indeterminate"]]));
    expect(bench.idp.tokenRequests()).toBe(0);
  });
});

describe("A2: a clock that jumps makes no storm", () => {
  test("A2: forward a year: one request, and then none", async () => {
    const { bench } = await expired();
    const refresher = bench.refresher();
    await ask(bench, refresher);
    bench.clock.advance(YEAR_MS);
    for (let times = 0; times < 20; times++) await ask(bench, times % 2 ? refresher : bench.refresher());
    expect([bench.idp.tokenRequests(), bench.idp.reuses()]).toEqual([2, 0]);
  });

  test("A2: back a year: none until the provider refuses, then one", async () => {
    const { bench } = await expired();
    const refresher = bench.refresher();
    const { secret } = await ask(bench, refresher);
    bench.clock.advance(-YEAR_MS);
    for (let times = 0; times < 20; times++) {
      await ask(bench, refresher);
      await refresher.refreshAhead(await requestOf(bench));
    }
    expect(bench.idp.tokenRequests()).toBe(1);
    const request = { ...(await requestOf(bench)), rejected: refused(secret) };
    for (let times = 0; times < 20; times++) await refresher.live(request);
    expect([bench.idp.tokenRequests(), bench.idp.reuses()]).toEqual([2, 0]);
  });

  test("A2: forward a year and back: none, until the provider refuses what claims to live for a year", async () => {
    const { bench } = await expired();
    const refresher = bench.refresher();
    bench.clock.advance(YEAR_MS);
    const { secret } = await ask(bench, refresher);
    bench.clock.advance(-YEAR_MS);
    for (let looks = 0; looks < 240; looks++) {
      for (const one of [refresher, bench.refresher()]) expect(await one.refreshAhead(await requestOf(bench))).toBe(false);
      await ask(bench, looks % 2 ? refresher : bench.refresher());
      bench.clock.advance(30_000);
    }
    expect(bench.idp.tokenRequests()).toBe(1);

    expect((await bench.login("main")).expires).toBeGreaterThan(bench.clock.now() + YEAR_MS / 2);
    const all = [];
    for (const one of [refresher, bench.refresher(), refresher]) {
      all.push(await one.live({ ...(await requestOf(bench)), rejected: refused(secret) }));
    }
    const { access, expires } = await bench.login("main");
    expect(all.every((got) => access?.equals(got.secret) && !got.secret.equals(secret))).toBe(true);
    expect(expires).toBeLessThanOrEqual(bench.clock.now() + HOUR_MS);
    expect([bench.idp.tokenRequests(), bench.idp.reuses()]).toEqual([2, 0]);
  });

  test("A2: a provider's request for patience is not believed after a jump back", async () => {
    const { bench } = await expired();
    bench.idp.script({ reply: { status: 429, headers: { "retry-after": "60" } } });
    await expect(ask(bench, bench.refresher())).rejects.toMatchObject({ code: "oauth-unavailable" });
    await bench.store("main", { ...(await rawLogin(bench)), expires: 1 });
    bench.clock.advance(-YEAR_MS);
    await expect(ask(bench, bench.refresher())).resolves.toMatchObject({ kind: "bearer" });
  });
});

test("tokens that live for minutes only are not refreshed at each look ahead", async () => {
  const { bench } = await expired({ expiresInSeconds: 240 });
  const refresher = bench.refresher();
  for (let times = 0; times < 10; times++) await refresher.refreshAhead(await requestOf(bench));
  expect(bench.idp.tokenRequests()).toBe(1);
  bench.clock.advance(220_000);
  expect(await refresher.refreshAhead(await requestOf(bench))).toBe(true);
});

test("O9: tokens that live for a year set no timer", async () => {
  const { bench } = await expired({ expiresInSeconds: 365 * 24 * 3600 });
  const refresher = bench.refresher();
  await ask(bench, refresher);
  for (let times = 0; times < 10; times++) expect(await refresher.refreshAhead(await requestOf(bench))).toBe(false);
  expect(bench.idp.tokenRequests()).toBe(1);
  expect(bench.slept).toEqual([]);
});

test("what was read knows what it has become", async () => {
  const { bench } = await expired();
  const refresher = bench.refresher();
  const request = await requestOf(bench);
  expect(refresher.latest(request.profile)).toBe(request.profile);
  const { secret } = await refresher.live(request);
  expect(refresher.latest(request.profile).access?.equals(secret)).toBe(true);
  expect(secret).toBeInstanceOf(Secret);
});

async function rawLogin(bench: RefreshBench): Promise<object> {
  return JSON.parse(await bench.home.read("main/auth-profiles.json")).profiles[ID];
}
