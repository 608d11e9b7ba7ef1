import { createLockFolder } from "@openclaw/secrets";
import { createTempHome, manualClock, type TempHome } from "@openclaw/testkit";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ID, refreshBench } from "../../system/refresh-bench.ts";
import { createRefreshJournal, type JournalEntry, type RefreshJournal } from "./refresh-journal.ts";
import { sweepNotes } from "./sweep-notes.ts";
import { tokenLockName } from "./account-lock.ts";

const DAY_MS = 24 * 3_600_000;
const noteName = (kind: string, digit: string) => `${kind}-${digit.repeat(64)}`;
const OLD = noteName("token", "a");

let home: TempHome;
let journal: RefreshJournal;
const clock = manualClock();
const entryOf = (days: number): JournalEntry => ({ mark: "#1#2", startedAt: clock.now() - days * DAY_MS, state: "rejected" });
beforeEach(async () => {
  home = await createTempHome();
  journal = createRefreshJournal(join(home.path, "refresh"));
});
afterEach(() => home.remove());

test("notes that are older than 30 days are removed, of tokens and of accounts, and nothing else is", async () => {
  await journal.write(OLD, entryOf(31));
  await journal.write(noteName("refresh", "b"), entryOf(31));
  await journal.write(noteName("token", "c"), entryOf(29));
  await journal.write(noteName("token", "d"), entryOf(-31));
  await journal.write("somebody-elses", entryOf(31));
  await home.write(`refresh/${noteName("token", "e")}.json`, "{ torn");
  await sweepNotes(journal, createLockFolder(join(home.path, "locks")), clock);
  const left = ["somebody-elses", ...["c", "d", "e"].map((digit) => noteName("token", digit))];
  expect([...(await journal.names())].toSorted()).toEqual(left);
});

test("a note that somebody works with stays, and so does one that is new when its turn comes", async () => {
  const locks = createLockFolder(join(home.path, "locks"));
  await journal.write(OLD, entryOf(31));
  await locks.withLock(tokenLockName(OLD), async () => {
    const others = createLockFolder(join(home.path, "locks"));
    await sweepNotes(journal, { withLock: (name, run) => others.withLock(name, run, { timeoutMs: 1 }) }, clock);
  });
  expect(await journal.read(OLD)).toBeDefined();

  const late = {
    async withLock<T>(_name: string, run: () => Promise<T>) {
      await journal.write(OLD, entryOf(0));
      return run();
    },
  };
  await sweepNotes(journal, late, clock);
  expect(await journal.read(OLD)).toEqual(entryOf(0));
});

test("a folder that is missing or none is left as it is", async () => {
  const locks = createLockFolder(join(home.path, "locks"));
  await sweepNotes(journal, locks, clock);
  expect(await home.list()).toEqual([]);
  await home.write("refresh", "a file");
  await sweepNotes(journal, locks, clock);
  expect(await home.list()).toEqual(["refresh"]);
});

test("a refresh sweeps when it has succeeded, and asking for states does not", async () => {
  const bench = await refreshBench();
  await bench.store("main", { access: "test-access-old", refresh: bench.idp.issue().refresh, expires: 1 });
  await bench.home.write(`refresh/${OLD}.json`, { mark: "#1#2", startedAt: bench.clock.now() - 31 * DAY_MS, state: "lost" });
  const request = { id: ID, profile: await bench.login("main"), storage: bench.storage("main") };
  await bench.refresher().states([request]);
  expect(await bench.notes()).toBe(1);
  await bench.refresher().live(request);
  expect(await bench.notes()).toBe(0);
});
