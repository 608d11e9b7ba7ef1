import { describe, expect, test } from "vitest";
import { HOUR_MS, ID, refreshBench, type RefreshBench } from "../../system/refresh-bench.ts";
import { accountLockName } from "./account-lock.ts";
import { createRefreshJournal, tokenMark, type JournalEntry } from "./refresh-journal.ts";
import { join } from "node:path";

async function benchWith(entry: object = {}): Promise<RefreshBench> {
  const bench = await refreshBench();
  await bench.store("main", { access: "test-access-old", refresh: "test-refresh-old", expires: bench.clock.now() - 1, ...entry });
  return bench;
}

const loginOf = async (bench: RefreshBench, agent = "main") => ({
  id: ID,
  profile: await bench.login(agent),
  storage: bench.storage(agent),
});
const stateOf = async (bench: RefreshBench, agent = "main") => (await bench.refresher().states([await loginOf(bench, agent)])).get(ID);

async function noteOf(bench: RefreshBench, entry: Omit<JournalEntry, "mark">, agent = "main"): Promise<void> {
  const login = await loginOf(bench, agent);
  const account = await accountLockName({ ...login, normalizeProvider: (provider) => provider });
  const journal = createRefreshJournal(join(bench.home.path, "refresh"));
  await journal.write(account, { mark: tokenMark(login.profile, account), ...entry });
}

describe("what a request would come to", () => {
  test.each([
    ["ready", "was sent a moment ago", { state: "sent", ago: 1_000 }],
    ["indeterminate", "was sent long ago and nobody noted the answer", { state: "sent", ago: 30_001 }],
    ["indeterminate", "was sent twice", { state: "retried", ago: 1_000 }],
    ["indeterminate", "got no answer", { state: "lost", ago: 1_000 }],
    ["rejected", "is dead", { state: "rejected", ago: 1_000 }],
    ["paused", "is to be sent later", { state: "unsent", ago: 1_000, pausedFor: 60_000 }],
    ["ready", "may be sent again", { state: "unsent", ago: 9_000, pausedFor: -1 }],
    ["ready", "is to be sent in a far future nobody believes in", { state: "unsent", ago: 1_000, pausedFor: 24 * HOUR_MS }],
  ] as const)("%s where the token %s", async (state, _why, { state: noted, ago, ...note }) => {
    const bench = await benchWith();
    const now = bench.clock.now();
    const pausedUntil = "pausedFor" in note ? { pausedUntil: now + note.pausedFor } : {};
    await noteOf(bench, { state: noted, startedAt: now - ago, ...pausedUntil });
    const files = await bench.home.list();
    expect(await stateOf(bench)).toBe(state);
    expect(await bench.home.list()).toEqual(files);
    expect(bench.idp.tokenRequests()).toBe(0);
    // The same judgement: what is not ready is refused without a request.
    await Promise.resolve(bench.refresher().live(await loginOf(bench))).catch(() => undefined);
    expect(bench.idp.tokenRequests() > 0).toBe(state === "ready");
  });

  test("ready where nothing is noted, and where a note is of other tokens", async () => {
    const bench = await benchWith();
    expect(await stateOf(bench)).toBe("ready");
    await noteOf(bench, { state: "rejected", startedAt: 0 });
    await bench.store("main", { access: "test-access-new", refresh: "test-refresh-new", expires: 1 });
    expect(await stateOf(bench)).toBe("ready");
  });

  test("none without a refresh token, and where references are stored", async () => {
    const bench = await benchWith({ refresh: undefined });
    expect(await stateOf(bench)).toBe("none");
    await bench.store("main", { access: "a", refresh: "b", tokenRef: { source: "env", provider: "default", id: "X" }, expires: 1 });
    expect(await stateOf(bench)).toBe("none");
  });

  test("ready where another agent has a later copy that lives", async () => {
    const bench = await benchWith();
    await noteOf(bench, { state: "rejected", startedAt: 0 });
    await bench.store("work", { access: "test-access-new", expires: bench.clock.now() + HOUR_MS });
    bench.storage("work");
    expect(await stateOf(bench)).toBe("ready");
  });
});
