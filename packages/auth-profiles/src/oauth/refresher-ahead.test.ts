import type { LockFolder } from "@openclaw/secrets";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { HOUR_MS, ID, refreshBench, type RefreshBench } from "../../system/refresh-bench.ts";
import { AuthProfileError } from "../errors.ts";
import { tokenName } from "./account-lock.ts";
import { createRefreshJournal, tokenMark, type JournalEntry } from "./refresh-journal.ts";
import type { Refresher } from "./refresher.ts";

const LOOK_MS = 30_000;
const LOOKS_AN_HOUR = HOUR_MS / LOOK_MS;
const MINUTE_MS = 60_000;

async function expired(bench: RefreshBench): Promise<void> {
  await bench.store("main", { access: "test-access-old", refresh: bench.idp.issue().refresh, expires: 1 });
}

const look = async (bench: RefreshBench, refresher: Refresher) =>
  refresher.refreshAhead({ id: ID, profile: await bench.login("main"), storage: bench.storage("main") });

/** Every file and folder, and when it was changed last. */
async function traces(bench: RefreshBench): Promise<readonly string[]> {
  const names = await readdir(bench.home.path, { recursive: true });
  const trace = async (name: string) => {
    const { ino, size, mtimeNs, ctimeNs } = await stat(join(bench.home.path, name), { bigint: true });
    return [name, ino, size, mtimeNs, ctimeNs].join(" ");
  };
  return Promise.all(names.toSorted().map(trace));
}

async function noteOf(bench: RefreshBench, note: Omit<JournalEntry, "mark">): Promise<void> {
  const profile = await bench.login("main");
  if (profile.refresh === undefined) throw new Error("no refresh token");
  const name = tokenName("acme", profile.refresh, (provider) => provider);
  const journal = createRefreshJournal(join(bench.home.path, "refresh"));
  await journal.write(name, { mark: tokenMark(profile, name), ...note });
}

/** Counts the locks that are taken. */
function counted(locks: LockFolder): LockFolder & { readonly names: string[] } {
  const names: string[] = [];
  return {
    names,
    withLock(name, run, options) {
      names.push(name);
      return locks.withLock(name, run, options);
    },
  };
}

describe("a provider that never serves", { timeout: 30_000 }, () => {
  test.each([
    ["says invalid_client", { status: 401, body: { error: "invalid_client" } }, "oauth-denied", 8],
    ["answers 404 with a page", { status: 404, body: "<p>moved</p>" }, "oauth-unavailable", 12],
    ["is limiting requests", { status: 429 }, "oauth-unavailable", 12],
  ] as const)("and %s is asked a few times an hour, and a refused look writes nothing", async (_how, reply, code, most) => {
    const bench = await refreshBench();
    await expired(bench);
    bench.idp.script(...Array.from({ length: LOOKS_AN_HOUR }, () => ({ reply })));
    const refresher = bench.refresher();
    const codes = new Set<unknown>();
    const writing: number[] = [];
    for (let looks = 0; looks < LOOKS_AN_HOUR; looks++) {
      const [asked, before] = [bench.idp.tokenRequests(), await traces(bench)];
      await look(bench, refresher).catch((error: { readonly code?: unknown }) => codes.add(error.code));
      const isSame = (await traces(bench)).join() === before.join();
      if (bench.idp.tokenRequests() === asked && !isSame) writing.push(looks);
      bench.clock.advance(LOOK_MS);
    }
    expect([...codes]).toEqual([code]);
    expect(writing).toEqual([]);
    expect(bench.idp.tokenRequests()).toBeLessThanOrEqual(most);
    expect(bench.idp.tokenRequests()).toBeGreaterThan(4);
  });

  test("and then serves is asked as if nothing had been", async () => {
    const bench = await refreshBench({ expiresInSeconds: 600 });
    await expired(bench);
    const refusal = { reply: { status: 401, body: { error: "invalid_client" } } };
    bench.idp.script(refusal, refusal, {}, refusal);
    const refresher = bench.refresher();
    const retryAtOf = (error: { readonly retryAt?: number }) => error.retryAt;
    const pauses: number[] = [];
    for (let request = 0; request < 4; request++) {
      await look(bench, refresher).catch(() => undefined);
      const askedFor = await look(bench, refresher).then(() => undefined, retryAtOf);
      const retryAt = askedFor ?? bench.clock.now() + 10 * MINUTE_MS;
      pauses.push(retryAt - bench.clock.now());
      bench.clock.advance(retryAt - bench.clock.now());
    }
    expect(pauses).toEqual([57_000, 114_000, 10 * MINUTE_MS, 57_000]);
    expect(bench.idp.tokenRequests()).toBe(4);
  });

  test("is seen to be paused", async () => {
    const bench = await refreshBench();
    await expired(bench);
    bench.idp.script({ reply: { status: 401, body: { error: "invalid_client" } } });
    await expect(look(bench, bench.refresher())).rejects.toMatchObject({ code: "oauth-denied" });
    const login = { id: ID, profile: await bench.login("main"), storage: bench.storage("main") };
    expect(await bench.refresher().states([login])).toEqual(new Map([[ID, "paused"]]));
  });
});

describe("a look at a login that cannot be refreshed takes no lock and writes nothing", () => {
  test.each([
    ["dead", { state: "rejected", ago: 0 }, "oauth-refresh-rejected"],
    ["perhaps spent", { state: "lost", ago: 0 }, "refresh-indeterminate"],
    ["sent by a process that died", { state: "sent", ago: 3 * MINUTE_MS }, "refresh-indeterminate"],
    ["paused", { state: "unsent", ago: 0, pausedFor: MINUTE_MS }, "oauth-unavailable"],
  ] as const)("where its token is %s", async (_what, { state, ago, ...rest }, code) => {
    const bench = await refreshBench();
    await expired(bench);
    const now = bench.clock.now();
    await noteOf(bench, { state, startedAt: now - ago, ...("pausedFor" in rest && { pausedUntil: now + rest.pausedFor }) });
    const locks = counted(bench.locks);
    const before = await traces(bench);
    await expect(look(bench, bench.refresher({ locks }))).rejects.toMatchObject({ code, profileId: ID, hint: expect.any(String) });
    expect(await traces(bench)).toEqual(before);
    expect([locks.names, bench.idp.tokenRequests()]).toEqual([[], 0]);
  });

  test.each([
    ["there is no refresh token", { refresh: undefined }],
    ["nobody knows where to ask", {}],
  ])("where %s", async (_what, entry) => {
    const bench = await refreshBench();
    await bench.store("main", { access: "test-access-old", refresh: "test-refresh-old", expires: 1, ...entry });
    const locks = counted(bench.locks);
    await expect(look(bench, bench.refresher({ locks, clientFor: () => undefined }))).rejects.toMatchObject({ code: "oauth-expired" });
    expect(locks.names).toEqual([]);
  });

  test("but what was received and could not be saved yet is saved", async () => {
    const bench = await refreshBench();
    await expired(bench);
    const real = bench.storage("main");
    let updates = 0;
    // The first update tries, the second saves.
    const update: typeof real.update = (change, options) => {
      updates++;
      return updates === 2 ? Promise.reject(new AuthProfileError("store-unwritable", "the disk is full")) : real.update(change, options);
    };
    const refresher = bench.refresher();
    const lookThere = async () => refresher.refreshAhead({ id: ID, profile: await bench.login("main"), storage: { ...real, update } });
    await expect(lookThere()).rejects.toMatchObject({ code: "store-unwritable" });
    bench.clock.advance(3 * MINUTE_MS);
    expect(await lookThere()).toBe(true);
    expect([bench.idp.tokenRequests(), await bench.notes()]).toEqual([1, 0]);
  });

  test("a refresh under way is waited for, not taken for one that was lost", async () => {
    const bench = await refreshBench();
    await expired(bench);
    const gate = Promise.withResolvers<void>();
    bench.idp.script({ beforeAnswering: gate.promise });
    const first = look(bench, bench.refresher());
    await bench.idp.waitForTokenRequests(1);
    // Nobody would send the token once more now, though the answer comes.
    bench.clock.advance(40_000);
    const locking = Promise.withResolvers<void>();
    const locks: LockFolder = {
      withLock(name, run, options) {
        locking.resolve();
        return bench.locks.withLock(name, run, options);
      },
    };
    const second = look(bench, bench.refresher({ locks }));
    await Promise.race([locking.promise, second]);
    gate.resolve();
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect([bench.idp.tokenRequests(), bench.idp.reuses()]).toEqual([1, 0]);
  });
});

describe("tokens that live for minutes only", { timeout: 30_000 }, () => {
  const left = async (bench: RefreshBench) => Number((await bench.login("main")).expires) - bench.clock.now();

  test.each([
    [300, 120, 0, 16],
    [300, 120, 1, 16],
    [120, 40, 0.5, 15],
    [60, 40, 0.5, 41],
  ])("of %d s are refreshed in %d looks by two processes as seldom as by one, and never missed", async (seconds, times, random, most) => {
    const bench = await refreshBench({ expiresInSeconds: seconds });
    await expired(bench);
    const both = [0, 1].map(() => bench.refresher({ random: () => random }));
    for (let looks = 0; looks < times; looks++) {
      for (const refresher of looks % 3 ? both : both.toReversed()) await look(bench, refresher);
      bench.clock.advance(LOOK_MS);
      expect(await left(bench)).toBeGreaterThan(0);
    }
    expect(bench.idp.tokenRequests()).toBeLessThanOrEqual(most);
    expect(bench.idp.reuses()).toBe(0);
  });

  test("are refreshed once by a process that starts, which cannot know how long they live, and not at each of its looks", async () => {
    const bench = await refreshBench({ expiresInSeconds: 300 });
    await expired(bench);
    await look(bench, bench.refresher());
    bench.clock.advance(LOOK_MS);
    const started = bench.refresher();
    expect(await look(bench, started)).toBe(true);
    for (let looks = 0; looks < 6; looks++) {
      bench.clock.advance(LOOK_MS);
      expect(await look(bench, started)).toBe(false);
    }
    expect(bench.idp.tokenRequests()).toBe(2);
  });

  test("are never missed by a process that starts at any time", async () => {
    for (let seconds = 1; seconds < 110; seconds += 13) {
      const bench = await refreshBench({ expiresInSeconds: 300 });
      await bench.store("main", {
        access: "test-access-old",
        refresh: bench.idp.issue().refresh,
        expires: bench.clock.now() + seconds * 1000,
      });
      const refresher = bench.refresher();
      for (let looks = 0; looks < 5; looks++) {
        expect(await left(bench)).toBeGreaterThan(0);
        await look(bench, refresher);
        bench.clock.advance(LOOK_MS);
      }
    }
  });
});

test("looks that find a long life ask nothing and lock nothing", async () => {
  const bench = await refreshBench();
  await bench.store("main", { access: "test-access-old", refresh: "test-refresh-old", expires: bench.clock.now() + HOUR_MS });
  const locks = counted(bench.locks);
  const refresher = bench.refresher({ locks });
  for (let looks = 0; looks < 10; looks++) expect(await look(bench, refresher)).toBe(false);
  expect(locks.names).toEqual([]);
});
