import { rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { createLockFolder, type Candidate, type LockOptions } from "@openclaw/secrets";
import { createTempHome, fakeCandidate, manualClock, MANUAL_CLOCK_START, type ManualClock } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { RotationError } from "../errors.ts";
import type { Failure } from "../failure.ts";
import type { Plan } from "../plan.ts";
import { createFileHealthStore } from "./file-store.ts";
import { createHealth, type Health } from "./health.ts";
import { keepHealth, type HealthKeeper } from "./keep-health.ts";
import type { HealthPlace } from "./kept-place.ts";
import { noRecords } from "./owned-records.ts";
import type { HealthRecords } from "./record.ts";
import type { HealthStore } from "./store.ts";
import type { Ticket } from "./ticket.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STORE = "/agents/main/auth-profiles.json";

let clock: ManualClock;
let ending: AbortController;
let errors: unknown[];
let keepers: HealthKeeper[];
beforeEach(() => {
  keepers = [];
  clock = manualClock();
  ending = new AbortController();
  errors = [];
});
afterEach(() => ending.abort());

const limit = (retryAt?: number): Failure => ({
  class: "rate_limit",
  scope: "model",
  rule: "test",
  ...(retryAt !== undefined && { retryAt }),
});
const unpaid: Failure = { class: "billing", scope: "credential", rule: "test" };

function candidate(id: string, store?: string): Candidate {
  return { ...fakeCandidate(id, { provider: "p", via: "profile" }), profileId: id, ...(store !== undefined && { store }) };
}

interface Use {
  readonly model?: string;
  /** Of a credential of no store, nothing. */
  readonly store?: string | undefined;
}

const planOf = (id: string, { model = "m", store }: Use): Plan => ({
  provider: "p",
  model,
  // It is not alone: a lone credential is not held back.
  candidates: [candidate(id, store), candidate("another", store)],
  excluded: [],
});

function begin(health: Health, id: string, use: Use = { store: STORE }): Ticket {
  const plan = planOf(id, use);
  const ticket = health.admit(candidate(id, use.store), plan);
  if (!ticket) throw new Error(`${id} may not be tried`);
  return ticket;
}

/** One attempt with one credential. */
const attempt = (health: Health, id: string, outcome: "ok" | Failure, use?: Use) => health.settle(begin(health, id, use), outcome);

const isCooling = (health: Health, id: string, use: Use = { store: STORE }) =>
  health.cooling(planOf(id, use)).some((cooling) => cooling.id === id);

/** A store in memory that counts, and fails while it has an error. */
interface MemoryStore extends HealthStore {
  kept: HealthRecords;
  writes: number;
  reads: number;
  unreadable?: Error | undefined;
  unwritable?: Error | undefined;
  /** What a read waits for once it has looked, and an update before and after its change. */
  reading?: Promise<void> | undefined;
  held?: Promise<void> | undefined;
  saving?: Promise<void> | undefined;
  /** How the last update was told to wait for others. */
  waiting?: LockOptions | undefined;
  /** Resolves at the next update. */
  asked(): Promise<void>;
}

function memoryStore(kept: HealthRecords = noRecords): MemoryStore {
  let waiting: (() => void)[] = [];
  const store: MemoryStore = {
    kept,
    writes: 0,
    reads: 0,
    async read() {
      store.reads += 1;
      if (store.unreadable) throw store.unreadable;
      const { kept } = store;
      await store.reading;
      return kept;
    },
    async update(change, how) {
      store.waiting = how;
      for (const wake of waiting) wake();
      waiting = [];
      await store.held;
      if (store.unwritable) throw store.unwritable;
      const changed = change(store.kept);
      store.kept = changed;
      await store.saving;
      store.writes += 1;
      return changed;
    },
    asked: () => new Promise((resolve) => waiting.push(resolve)),
  };
  return store;
}

/** A health of its own with its keeper, as a process has them. */
async function startProcess(...stores: readonly HealthPlace[]): Promise<{ readonly health: Health; readonly keeper: HealthKeeper }> {
  const health = createHealth({ clock });
  const keeper = await keepHealth({
    health,
    stores,
    clock,
    onError: (error) => errors.push(error),
    onKept: () => errors.push("kept"),
    signal: ending.signal,
  });
  keepers.push(keeper);
  return { health, keeper };
}

const mainAt = (at: HealthStore): HealthPlace => ({ store: STORE, at });
const windowsIn = ({ credentials }: HealthRecords, id: string) => credentials.get(id)?.windows;

/** Moves time on, and waits for what was written then. */
async function written(store: MemoryStore, keeper: HealthKeeper, afterMs: number): Promise<void> {
  const asked = store.asked();
  clock.advance(afterMs);
  await asked;
  // It has its turn after what is under way.
  await keeper.sync();
}

/** Moves time on, second by second, in which nothing may be written. */
async function unwritten(store: MemoryStore, seconds: number): Promise<void> {
  const { writes } = store;
  for (let second = 0; second < seconds; second += 1) {
    await clock.waitForSleepers();
    clock.advance(1000);
  }
  expect(store.writes).toBe(writes);
}

/** Everything that waits for nothing has been done. */
const laterOn = () => new Promise((resolve) => setImmediate(resolve));

const codesOf = (errors: readonly unknown[]) => errors.map((error) => (error instanceof RotationError ? error.code : error));

describe("writing", () => {
  test("never waits on a request: ten thousand outcomes are one write, a moment later", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    for (let count = 0; count < 10_000; count += 1) attempt(health, `p:${count % 10}`, "ok");
    attempt(health, "p:3", limit());
    expect(store.writes).toBe(0);
    expect(clock.sleeping()).toEqual([MANUAL_CLOCK_START + 200]);
    await written(store, keeper, 1000);
    expect(store.writes).toBe(1);
    expect(store.kept.credentials.size).toBe(1);
    expect(windowsIn(store.kept, "p:3")).toEqual({ m: { until: MANUAL_CLOCK_START + 30_000, reason: "rate_limit", count: 1 } });
    expect(store.kept.lastGood).toEqual({ p: "p:9" });
  });

  test("who answered last is written once in thirty seconds, and a window at once", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", "ok");
    await written(store, keeper, 200);
    attempt(health, "p:b", "ok");
    await unwritten(store, 20);
    attempt(health, "p:c", limit());
    await written(store, keeper, 200);
    expect(store.writes).toBe(2);
    attempt(health, "p:a", "ok");
    await unwritten(store, 29);
    await written(store, keeper, 1000);
    expect(store.kept.lastGood).toEqual({ p: "p:a" });
    expect(store.writes).toBe(3);
  });

  test("when a credential was used is not written before the last time: whoever reads it has the order that is in use", async () => {
    const store = memoryStore({ credentials: new Map([["p:a", { lastUsed: 5, windows: {} }]]), lastGood: { p: "p:a" } });
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", "ok");
    attempt(health, "p:b", { class: "server", scope: "provider", rule: "test" });
    await clock.waitForSleepers();
    clock.advance(MINUTE);
    await laterOn();
    expect([store.writes, clock.sleeping()]).toEqual([0, []]);
    attempt(health, "p:a", limit());
    attempt(health, "p:b", "ok");
    await written(store, keeper, 200);
    await keeper.flush();
    expect([...store.kept.credentials].map(([id, { lastUsed, windows }]) => [id, lastUsed, Object.keys(windows)])).toEqual([
      ["p:a", 5, ["m"]],
    ]);
    expect(await keeper.sync()).toBe(false);
    await keeper.flush({ isLast: true });
    expect([...store.kept.credentials].map(([id, { lastUsed }]) => [id, lastUsed])).toEqual([
      ["p:a", clock.now() - 200],
      ["p:b", clock.now() - 200],
    ]);
  });

  test("waits for no time that has been set back", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", "ok");
    await written(store, keeper, 1000);
    clock.advance(-HOUR);
    attempt(health, "p:b", "ok");
    await written(store, keeper, 1000);
    expect(store.kept.lastGood).toEqual({ p: "p:b" });
  });

  test("rests while nothing changes", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", limit());
    await written(store, keeper, 1000);
    expect(clock.sleeping()).toEqual([]);
    await keeper.flush();
    expect(store.writes).toBe(1);
  });

  test("what changes while it is under way is not lost", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", limit());
    const [held, saving] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    [store.held, store.saving] = [held.promise, saving.promise];
    const asked = store.asked();
    clock.advance(1000);
    await asked;
    attempt(health, "p:b", unpaid);
    store.kept = of("p:c", 50_000);
    held.resolve();
    await laterOn();
    attempt(health, "p:d", unpaid);
    saving.resolve();
    await keeper.sync();
    expect(["p:a", "p:b", "p:c", "p:d"].filter((id) => isCooling(health, id))).toEqual(["p:a", "p:b", "p:c", "p:d"]);
    await keeper.flush();
    expect([...store.kept.credentials.keys()].toSorted()).toEqual(["p:a", "p:b", "p:c", "p:d"]);
  });

  test("what was read before it is not taken for what came after it", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    const reading = Promise.withResolvers<void>();
    store.reading = reading.promise;
    const synced = keeper.sync();
    store.reading = undefined;
    attempt(health, "p:a", unpaid);
    const flushed = keeper.flush();
    await laterOn();
    reading.resolve();
    expect(await Promise.all([synced, flushed])).toEqual([false, true]);
    expect([isCooling(health, "p:a"), windowsIn(store.kept, "p:a")]).toEqual([true, expect.objectContaining({ "*": expect.anything() })]);
  });

  test("goes where the credential is kept, and nowhere else", async () => {
    const [main, work] = [memoryStore(), memoryStore()];
    const { health, keeper } = await startProcess(mainAt(main), { store: "/work", at: work });
    attempt(health, "p:a", limit(), { store: "/work" });
    attempt(health, "p:a", limit(), { store: "/elsewhere" });
    await written(work, keeper, 1000);
    expect([main.reads, main.writes, work.writes]).toEqual([2, 0, 1]);
    expect(isCooling(health, "p:a")).toBe(false);
  });

  test("ends with a last write, also of what would have waited", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", "ok");
    await written(store, keeper, 1000);
    attempt(health, "p:a", "ok");
    clock.advance(1000);
    await laterOn();
    expect(clock.sleeping()).toEqual([]);
    const asked = store.asked();
    ending.abort();
    await asked;
    await keeper.sync();
    expect(store.kept.credentials.get("p:a")?.lastUsed).toBe(clock.now() - 1000);
    attempt(health, "p:b", limit());
    await laterOn();
    expect([store.writes, clock.sleeping()]).toEqual([2, []]);
  });

  test("ends with a last write also of a use that was not worth one before", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", "ok");
    await written(store, keeper, 1000);
    attempt(health, "p:a", "ok");
    await clock.waitForSleepers();
    clock.advance(MINUTE);
    await laterOn();
    expect([store.writes, clock.sleeping()]).toEqual([1, []]);
    const asked = store.asked();
    ending.abort();
    await asked;
    await keeper.sync();
    expect(store.kept.credentials.get("p:a")?.lastUsed).toBe(clock.now() - MINUTE);
  });

  test("listens until it ends", async () => {
    const health = createHealth({ clock });
    let listeners = 0;
    const watched = {
      ...health,
      onChange(listener: (store: string | undefined) => void) {
        listeners += 1;
        const stop = health.onChange(listener);
        return () => {
          listeners -= 1;
          stop();
        };
      },
    };
    const options = { health: watched, stores: [mainAt(memoryStore())], clock, onError: String, signal: ending.signal };
    await keepHealth(options);
    expect(listeners).toBe(1);
    ending.abort();
    expect(listeners).toBe(0);
    await keepHealth(options);
    expect(listeners).toBe(0);
  });

  test("does not begin where it has ended: what is kept is known, and nothing is written", async () => {
    ending.abort();
    const [store, torn] = [memoryStore(of("p:a", 365 * 24 * HOUR)), memoryStore()];
    torn.unreadable = new RotationError("state-unreadable", "torn");
    const { health } = await startProcess(mainAt(store), { store: "/work", at: torn });
    attempt(health, "p:b", limit());
    await laterOn();
    expect([health.inspect().length, store.reads, store.writes, clock.sleeping()]).toEqual([2, 1, 0, []]);
    expect([errors, torn.reads]).toEqual([[torn.unreadable], 1]);
  });

  test("keeps no process alive", async () => {
    const asked: unknown[] = [];
    const health = createHealth({ clock });
    const watched = {
      now: clock.now,
      sleep(durationMs: number, signal?: AbortSignal, options?: unknown) {
        asked.push([durationMs, options]);
        return clock.sleep(durationMs, signal);
      },
    };
    const keeper = await keepHealth({ health, stores: [mainAt(memoryStore())], clock: watched, onError: String, signal: ending.signal });
    attempt(health, "p:a", limit());
    await keeper.flush();
    expect(asked).toEqual([
      [200, { isBackground: true }],
      [2000, { isBackground: true }],
    ]);
  });
});

describe("a flush", () => {
  test("writes at once, and says that everything is kept", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", "ok");
    expect(await keeper.flush()).toBe(true);
    attempt(health, "p:a", "ok");
    clock.advance(5);
    attempt(health, "p:a", "ok");
    expect(await keeper.flush({ isLast: true })).toBe(true);
    expect(store.kept.credentials.get("p:a")?.lastUsed).toBe(clock.now());
    // But for the writing behind nothing waits any more.
    expect(clock.sleeping()).toEqual([MANUAL_CLOCK_START + 200]);
  });

  test("gives up where a store does not answer in time", async () => {
    const [store, other] = [memoryStore(), memoryStore()];
    store.held = new Promise(() => undefined);
    const { health, keeper } = await startProcess(mainAt(store), { store: "/work", at: other });
    attempt(health, "p:a", limit());
    attempt(health, "p:a", limit(), { store: "/work" });
    const flushed = keeper.flush({ timeoutMs: 500 });
    await Promise.all([store.asked(), other.asked()]);
    clock.advance(500);
    expect(await flushed).toBe(false);
    expect(store.waiting?.signal?.aborted).toBe(true);
    expect(windowsIn(other.kept, "p:a")).toBeDefined();
  });

  test("of what cannot be read is tried again, and takes over what is there then", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    store.unreadable = new RotationError("state-unreadable", "torn");
    expect(await keeper.flush()).toBe(false);
    store.unreadable = undefined;
    store.kept = of("p:a", 50_000);
    expect(clock.sleeping()).toEqual([MANUAL_CLOCK_START + 2000]);
    clock.advance(2000);
    await laterOn();
    expect(isCooling(health, "p:a")).toBe(true);
  });

  test("says where it failed, and it is tried again", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    store.unwritable = new RotationError("state-unwritable", "full");
    attempt(health, "p:a", limit());
    expect(await keeper.flush()).toBe(false);
    expect(await keeper.flush()).toBe(false);
    expect(errors).toEqual([store.unwritable]);
    store.unwritable = undefined;
    await written(store, keeper, MINUTE);
    expect(windowsIn(store.kept, "p:a")).toBeDefined();
  });
});

function of(id: string, afterMs: number, { reason = "rate_limit", count = 1 } = {}): HealthRecords {
  return {
    credentials: new Map([[id, { windows: { m: { until: MANUAL_CLOCK_START + afterMs, reason, count } } }]]),
    lastGood: {},
  };
}

describe("what another process did", () => {
  test("a window that was cleared is cleared here, and no write of ours brings it back", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    for (const id of ["p:a", "p:b"]) attempt(health, id, unpaid);
    await written(store, keeper, 1000);
    expect(await keeper.sync()).toBe(false);
    store.kept = { ...store.kept, credentials: new Map([...store.kept.credentials, ["p:a", { windows: {} }]]) };
    expect(isCooling(health, "p:a")).toBe(true);
    expect(await keeper.sync()).toBe(true);
    expect([isCooling(health, "p:a"), isCooling(health, "p:b")]).toEqual([false, true]);
    attempt(health, "p:c", limit());
    await written(store, keeper, 1000);
    expect(windowsIn(store.kept, "p:a")).toEqual({});
  });

  test("a window that was cleared is cleared by a write as well, where nobody said that the file had changed", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", unpaid);
    await written(store, keeper, 1000);
    store.kept = noRecords;
    attempt(health, "p:b", limit());
    await written(store, keeper, 1000);
    expect([isCooling(health, "p:a"), windowsIn(store.kept, "p:a")]).toEqual([false, undefined]);
  });

  test("what a write of ours took over is news to whoever asks next, once", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", unpaid);
    await keeper.flush();
    store.kept = noRecords;
    await keeper.flush();
    expect(isCooling(health, "p:a")).toBe(false);
    expect([await keeper.sync(), await keeper.sync()]).toEqual([true, false]);
  });

  test("a window that came from elsewhere is kept before anything happens, so that it can be cleared there", async () => {
    const store = memoryStore();
    const health = createHealth({ clock });
    health.adopt(STORE, of("p:a", 50_000));
    const options = { health, stores: [mainAt(store)], clock, onError: (error: unknown) => errors.push(error), signal: ending.signal };
    const keeper = await keepHealth(options);
    await written(store, keeper, 1000);
    expect(windowsIn(store.kept, "p:a")).toEqual(windowsIn(of("p:a", 50_000), "p:a"));
    store.kept = noRecords;
    expect([await keeper.sync(), isCooling(health, "p:a")]).toEqual([true, false]);
  });

  test("a failure since then outlives the clearing", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", limit());
    await written(store, keeper, 1000);
    clock.advance(30_000);
    attempt(health, "p:a", limit());
    store.kept = noRecords;
    await keeper.sync();
    expect(isCooling(health, "p:a")).toBe(true);
    await keeper.flush();
    expect(windowsIn(store.kept, "p:a")).toEqual({ m: { until: clock.now() + MINUTE, reason: "rate_limit", count: 2 } });
  });

  test("A7: a window that both saw open counts once, and the one who probes for both counts on", async () => {
    const store = memoryStore();
    const [one, other] = [await startProcess(mainAt(store)), await startProcess(mainAt(store))];
    const ticket = begin(other.health, "p:a");
    attempt(one.health, "p:a", limit());
    await one.keeper.flush();
    // It was under way when the window of the other opened, of which it does not know yet.
    clock.advance(10);
    other.health.settle(ticket, limit());
    await other.keeper.flush();
    await one.keeper.sync();
    const expected = [{ id: "p:a", model: "m", window: { until: MANUAL_CLOCK_START + 30_010, reason: "rate_limit", count: 1 } }];
    for (const { health } of [one, other]) expect(health.inspect()).toMatchObject(expected);
    clock.advance(30_000);
    attempt(one.health, "p:a", limit());
    await one.keeper.flush();
    await other.keeper.sync();
    expect(other.health.inspect()).toMatchObject([{ window: { until: clock.now() + MINUTE, count: 2 } }]);
  });

  test("A7: what fails here of what was under way when the other's window came to be known belongs to that window", async () => {
    const store = memoryStore();
    const [one, other] = [await startProcess(mainAt(store)), await startProcess(mainAt(store))];
    const ticket = begin(other.health, "p:a");
    attempt(one.health, "p:a", limit(clock.now() + 20_000));
    await one.keeper.flush();
    await other.keeper.sync();
    other.health.settle(ticket, limit(clock.now() + 10_000));
    expect(other.health.inspect()).toMatchObject([{ window: { until: clock.now() + 20_000, count: 1 } }]);
  });

  test("a success of one ends the window for all", async () => {
    const store = memoryStore();
    const [one, other] = [await startProcess(mainAt(store)), await startProcess(mainAt(store))];
    attempt(one.health, "p:a", limit());
    await one.keeper.flush();
    await other.keeper.sync();
    clock.advance(30_000);
    attempt(other.health, "p:a", "ok");
    await other.keeper.flush();
    await one.keeper.sync();
    expect(one.health.inspect()).toEqual([]);
  });

  test("the very same that was done here is nothing new", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", limit());
    store.kept = health.records(STORE);
    expect(await keeper.sync()).toBe(false);
  });

  test("what did not change is not taken over again, also where health has forgotten it since", async () => {
    const store = memoryStore(of("p:a", 50_000));
    const adopted: unknown[] = [];
    const forgetful = {
      records: () => noRecords,
      adopt: (of: string | undefined, records: HealthRecords) => adopted.push([of, records]),
      onChange: () => () => undefined,
    };
    const keeper = await keepHealth({ health: forgetful, stores: [mainAt(store)], clock, onError: String, signal: ending.signal });
    store.kept = { ...store.kept };
    expect([await keeper.sync(), await keeper.sync(), adopted]).toEqual([false, false, [[STORE, store.kept]]]);
  });
});

describe("two places that share a file", () => {
  const isKey = (id: string) => id.startsWith("#");

  test("each take over their own, and leave the other's", async () => {
    const both: HealthRecords = {
      credentials: new Map([...of("p:a", 50_000).credentials, ...of("#0011aabb", 50_000).credentials]),
      lastGood: { p: "p:a", q: "p:b" },
    };
    const store = memoryStore(both);
    const { health, keeper } = await startProcess(
      { store: STORE, at: store, owns: (id) => !isKey(id) },
      { store: undefined, at: store, owns: isKey },
    );
    expect(health.inspect().map(({ id, store }) => [id, store])).toEqual([
      ["p:a", STORE],
      ["#0011aabb", undefined],
    ]);
    expect(health.records(undefined).lastGood).toEqual({});
    attempt(health, "#ffffffff", limit(), {});
    attempt(health, "p:c", "ok");
    await keeper.flush({ isLast: true });
    expect([...store.kept.credentials.keys()].toSorted()).toEqual(["#0011aabb", "#ffffffff", "p:a", "p:c"]);
    expect(store.kept.lastGood).toEqual({ p: "p:c", q: "p:b" });
    store.kept = noRecords;
    await keeper.sync();
    expect(health.inspect()).toEqual([]);
  });
});

describe("a store that fails", () => {
  test("A2: a window longer than any may be is bounded, and mended where it is kept", async () => {
    const store = memoryStore(of("p:a", 365 * 24 * HOUR));
    const { health, keeper } = await startProcess(mainAt(store));
    expect(health.inspect()).toMatchObject([{ id: "p:a", window: { until: MANUAL_CLOCK_START + HOUR } }]);
    await keeper.flush();
    expect(windowsIn(store.kept, "p:a")).toMatchObject({ m: { until: MANUAL_CLOCK_START + HOUR } });
  });

  test("to be read is told once, is served around, and is merged when it can be read", async () => {
    const store = memoryStore(of("p:a", 10 * MINUTE));
    store.unreadable = new RotationError("state-unreadable", "torn");
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:b", limit(clock.now() + 10 * MINUTE));
    for (let count = 0; count < 3; count += 1) await keeper.sync();
    expect(errors).toEqual([store.unreadable]);
    expect(isCooling(health, "p:a")).toBe(false);
    store.unreadable = undefined;
    await written(store, keeper, MINUTE);
    expect([isCooling(health, "p:a"), isCooling(health, "p:b")]).toEqual([true, true]);
    expect([...store.kept.credentials.keys()].toSorted()).toEqual(["p:a", "p:b"]);
    store.unreadable = new RotationError("state-unreadable", "torn again");
    await keeper.sync();
    expect(codesOf(errors)).toEqual(["state-unreadable", "kept", "state-unreadable"]);
  });

  test("to be written is told once, and tried again after 2 s, 4 s and so on up to a minute", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    store.unwritable = new RotationError("state-unwritable", "full");
    attempt(health, "p:a", unpaid);
    const pauses: number[] = [];
    for (let tries = 0; tries < 9; tries += 1) {
      const [wakeAt = 0] = clock.sleeping();
      pauses.push((wakeAt - clock.now()) / 1000);
      await written(store, keeper, wakeAt - clock.now());
    }
    expect(pauses).toEqual([0.2, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(errors).toEqual([store.unwritable]);
    expect(isCooling(health, "p:a")).toBe(true);
    expect(await keeper.sync()).toBe(false);
    // What others have is taken over all the same.
    store.kept = of("p:b", 10 * MINUTE);
    expect(await keeper.sync()).toBe(true);
    store.unwritable = undefined;
    await written(store, keeper, MINUTE);
    expect([...store.kept.credentials.keys()].toSorted()).toEqual(["p:a", "p:b"]);
    store.unwritable = new RotationError("state-unwritable", "full again");
    attempt(health, "p:c", unpaid);
    await written(store, keeper, 1000);
    expect(codesOf(errors)).toEqual(["state-unwritable", "kept", "state-unwritable"]);
  });

  test("to be read and works again is written at once, and that is told once", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", unpaid);
    store.unreadable = new RotationError("state-unreadable", "torn");
    for (let count = 0; count < 4; count += 1) await keeper.flush();
    store.unreadable = undefined;
    await keeper.sync();
    expect(windowsIn(store.kept, "p:a")).toBeDefined();
    await keeper.flush();
    expect(errors).toEqual([expect.objectContaining({ code: "state-unreadable" }), "kept"]);
  });

  test("to be written and works again is told once", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", unpaid);
    store.unwritable = new RotationError("state-unwritable", "full");
    await keeper.flush();
    await keeper.sync();
    expect(errors).toEqual([store.unwritable]);
    store.unwritable = undefined;
    await keeper.flush();
    await keeper.flush();
    expect(errors.slice(1)).toEqual(["kept"]);
  });

  test("in another way is told as well", async () => {
    const store = memoryStore();
    const { health, keeper } = await startProcess(mainAt(store));
    attempt(health, "p:a", unpaid);
    for (const code of ["state-unwritable", "state-newer", "state-newer"] as const) {
      store.unwritable = new RotationError(code, "no");
      await keeper.flush();
    }
    expect(codesOf(errors)).toEqual(["state-unwritable", "state-newer"]);
  });
});

describe("in a file", () => {
  const FILE = ".openclaw/agents/main/agent/auth-state.json";

  async function tempFile() {
    const home = await createTempHome();
    onTestFinished(async () => {
      for (const keeper of keepers) await keeper.flush();
      await home.remove();
    });
    const path = join(home.path, FILE);
    const open = () => createFileHealthStore({ path, locks: createLockFolder(join(home.stateDir, "locks")) });
    return { home, path, open };
  }

  test("need 3: a restart gives the same answer, and keeps the count for the probe", async () => {
    const { open } = await tempFile();
    const before = await startProcess(mainAt(open()));
    attempt(before.health, "p:a", unpaid);
    attempt(before.health, "p:b", limit(clock.now() + 5 * MINUTE));
    await before.keeper.flush();

    const { health } = await startProcess(mainAt(open()));
    const entries = (all: Health) =>
      all.inspect().map(({ id, store, model, window: { until, reason, count } }) => [id, store, model, until, reason, count]);
    expect(entries(health)).toEqual(entries(before.health));
    clock.advance(5 * MINUTE);
    expect([isCooling(health, "p:a"), isCooling(health, "p:b")]).toEqual([true, false]);
    clock.advance(5 * MINUTE);
    attempt(health, "p:a", unpaid);
    expect(health.inspect()).toContainEqual(
      expect.objectContaining({ id: "p:a", window: expect.objectContaining({ until: clock.now() + 20 * MINUTE, count: 2 }) }),
    );
  });

  test("need 2: a day after its end a window is forgotten by the next process, and by the file with its next write", async () => {
    const { home, open } = await tempFile();
    const before = await startProcess(mainAt(open()));
    attempt(before.health, "p:a", unpaid);
    await before.keeper.flush();
    clock.advance(10 * MINUTE + 24 * HOUR);
    const after = await startProcess(mainAt(open()));
    expect(after.health.inspect()).toEqual([]);
    attempt(after.health, "p:a", unpaid);
    expect(after.health.inspect()).toMatchObject([{ window: { count: 1, until: clock.now() + 10 * MINUTE } }]);
    attempt(after.health, "p:b", "ok");
    await after.keeper.flush();
    expect(JSON.parse(await home.read(FILE))).toMatchObject({ credentials: { "p:a": { windows: { "*": { count: 1 } } } } });
  });

  test("where nothing was known and nothing happened, nothing is written", async () => {
    const { home, open } = await tempFile();
    const { keeper } = await startProcess(mainAt(open()));
    await keeper.sync();
    await keeper.flush();
    expect(await home.list()).toEqual([]);
  });

  test("the clearing of another program reaches a running gateway and stays", async () => {
    const { open } = await tempFile();
    const gateway = await startProcess(mainAt(open()));
    attempt(gateway.health, "p:a", unpaid);
    await gateway.keeper.flush();
    await open().update((all) => ({
      ...all,
      credentials: new Map([...all.credentials].map(([id, record]) => [id, { ...record, windows: {} }])),
    }));
    expect(await gateway.keeper.sync()).toBe(true);
    expect(gateway.health.inspect()).toEqual([]);
    attempt(gateway.health, "p:b", limit());
    await gateway.keeper.flush();
    expect([...(await open().read()).credentials].map(([id, { windows }]) => [id, Object.keys(windows)])).toEqual([
      ["p:a", []],
      ["p:b", ["m"]],
    ]);
  });

  test("D4: a file that cannot be parsed stays as it is, and once it is renamed everything known is written", async () => {
    const { home, path, open } = await tempFile();
    await home.write(FILE, '{"version":1,');
    const { health, keeper } = await startProcess(mainAt(open()));
    attempt(health, "p:a", unpaid);
    expect(await keeper.flush()).toBe(false);
    expect(codesOf(errors)).toEqual(["state-unreadable"]);
    expect(await home.read(FILE)).toBe('{"version":1,');
    await rename(path, `${path}.torn`);
    expect(await keeper.flush()).toBe(true);
    expect(windowsIn(await open().read(), "p:a")).toBeDefined();
  });

  test("a file that somebody removed means that cooldowns begin anew", async () => {
    const { path, open } = await tempFile();
    const { health, keeper } = await startProcess(mainAt(open()));
    attempt(health, "p:a", unpaid);
    await keeper.flush();
    await unlink(path);
    expect(await keeper.sync()).toBe(true);
    expect(health.inspect()).toEqual([]);
  });
});
