import { createHash } from "node:crypto";
import { chmod, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { applyFileTransaction } from "./file-transaction.ts";
import { readCommitted, readPendingFiles } from "./pending-files.ts";

const JOURNAL = ".openclaw/secrets-apply.journal";
const [ONE, TWO, GONE, MADE] = [".openclaw/one.json", ".openclaw/two.json", ".openclaw/gone.json", ".openclaw/made.json"];
const OLD = { [ONE]: "old", [TWO]: "old", [GONE]: "old" };
const ALL_OLD = ["old", "old", "old", undefined];
const ALL_NEW = ["new", "new", undefined, "new"];

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome(OLD);
});
afterEach(() => home.remove());

const at = (file: string): string => join(home.path, file);
const prepared = (index: number): string => `.openclaw/.openclaw-0123456789abcdef-${index}.prepared`;
const digest = (text: string | undefined): string | null => (text === undefined ? null : createHash("sha256").update(text).digest("hex"));

async function leave(phase: "preparing" | "committed"): Promise<void> {
  const entries = [ONE, TWO, GONE, MADE].map((file, index) => ({
    path: at(file),
    before: digest(ALL_OLD[index]),
    after: digest(ALL_NEW[index]),
  }));
  for (const index of [0, 1, 3]) await home.write(prepared(index), "new");
  await home.write(JOURNAL, { version: 1, id: "0123456789abcdef", phase, files: entries });
}

async function contentAt(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

/** Reads all files, one after the other; `between` runs before each. */
function readAll(between: (index: number) => Promise<unknown> = async () => undefined) {
  return async (pathOf: (path: string) => string): Promise<readonly (string | undefined)[]> => {
    const found: (string | undefined)[] = [];
    for (const [index, file] of [ONE, TWO, GONE, MADE].entries()) {
      const path = pathOf(at(file));
      await between(index);
      found.push(await contentAt(path));
    }
    return found;
  };
}

/** Runs something the first time only. */
function once(run: () => Promise<unknown>): () => Promise<unknown> {
  let isDone = false;
  return async () => {
    if (isDone) return;
    isDone = true;
    await run();
  };
}

const apply = () =>
  applyFileTransaction({
    stateDir: home.stateDir,
    changes: [ONE, TWO, GONE, MADE].map((file, index) => {
      const old = ALL_OLD[index];
      return { path: at(file), content: ALL_NEW[index], expected: old === undefined ? undefined : Buffer.from(old) };
    }),
  });

test("without a journal, and with one that is not committed, everything is old", async () => {
  expect(await readPendingFiles(home.stateDir)).toBeUndefined();
  expect(await readCommitted(home.stateDir, readAll())).toEqual(ALL_OLD);
  await leave("preparing");
  expect(await readPendingFiles(home.stateDir)).toBeUndefined();
  expect(await readCommitted(home.stateDir, readAll())).toEqual(ALL_OLD);
});

test.each([
  ["nothing is placed", async () => undefined],
  ["some is placed", () => Promise.all([rename(at(prepared(0)), at(ONE)), rm(at(GONE))])],
  [
    "all is placed",
    () =>
      Promise.all([rename(at(prepared(0)), at(ONE)), rename(at(prepared(1)), at(TWO)), rm(at(GONE)), rename(at(prepared(3)), at(MADE))]),
  ],
])("once committed everything is new, when %s, and reading changes nothing", async (_, go) => {
  await leave("committed");
  await go();
  const before = await home.list();
  expect(await readCommitted(home.stateDir, readAll())).toEqual(ALL_NEW);
  expect(await home.list()).toEqual(before);
});

test("says where each committed content waits", async () => {
  await leave("committed");
  await rename(at(prepared(0)), at(ONE));
  expect(await readPendingFiles(home.stateDir)).toEqual(
    new Map([
      [at(TWO), at(prepared(1))],
      [at(GONE), undefined],
      [at(MADE), at(prepared(3))],
    ]),
  );
});

test("a commit whose new content is gone before any was placed is old", async () => {
  await leave("committed");
  await rm(at(prepared(1)));
  expect(await readCommitted(home.stateDir, readAll())).toEqual(ALL_OLD);
});

test("follows a link to a file that waits", async () => {
  await leave("committed");
  await symlink(at(ONE), at("link.json"));
  await symlink(home.stateDir, at("linked-state"));
  const read = (pathOf: (path: string) => string) =>
    Promise.all([at("link.json"), at("linked-state/made.json")].map((path) => contentAt(pathOf(path))));
  expect(await readCommitted(home.stateDir, read)).toEqual(["new", "new"]);
});

test.each([0, 1, 2, 3])("a whole transaction before file %i is read: all new", async (index) => {
  const first = once(apply);
  expect(
    await readCommitted(
      home.stateDir,
      readAll(async (at) => (at === index ? first() : undefined)),
    ),
  ).toEqual(ALL_NEW);
});

test.each([0, 1, 2, 3])("a commit before file %i is read: all new", async (index) => {
  const first = once(() => leave("committed"));
  expect(
    await readCommitted(
      home.stateDir,
      readAll(async (at) => (at === index ? first() : undefined)),
    ),
  ).toEqual(ALL_NEW);
});

test.each([
  ["between the asking and the opening", 0],
  ["before it is asked for", 1],
] as const)("new content that is put in its place %s is never taken for a missing file", async (_, index) => {
  await leave("committed");
  const place = once(() => rename(at(prepared(index)), at([ONE, TWO][index] ?? "")));
  const read = readAll(async (at) => (at === 0 ? place() : undefined));
  expect(await readCommitted(home.stateDir, read)).toEqual(ALL_NEW);
});

test("an error of a reading that something came between counts as little as its result", async () => {
  const first = once(apply);
  const read = async (pathOf: (path: string) => string) => {
    const one = await contentAt(pathOf(at(ONE)));
    const two = await contentAt(pathOf(at(TWO)));
    await first();
    if (one === "old") throw new Error("torn");
    return [one, two];
  };
  expect(await readCommitted(home.stateDir, read)).toEqual(["new", "new"]);
});

test("an error of an undisturbed reading is passed on as it came, also one that is thrown at once", async () => {
  const error = new Error("broken");
  await expect(readCommitted(home.stateDir, () => Promise.reject(error))).rejects.toBe(error);
  await expect(
    readCommitted(home.stateDir, () => {
      throw error;
    }),
  ).rejects.toBe(error);
});

test("gives up on files that never hold still", async () => {
  let count = 0;
  const read = readAll(async () => home.write(ONE, "x".repeat((count += 1))));
  await expect(readCommitted(home.stateDir, read)).rejects.toMatchObject({ name: "HomeError", code: "files-unstable" });
});

test("files that change and were not asked for disturb nothing", async () => {
  let reads = 0;
  await readCommitted(home.stateDir, async (pathOf) => {
    reads += 1;
    pathOf(at(ONE));
    await home.write(TWO, "changed");
  });
  expect(reads).toBe(1);
});

test("refuses a journal that others may read, and leaves it there", async () => {
  await leave("committed");
  await chmod(at(JOURNAL), 0o640);
  await expect(readCommitted(home.stateDir, readAll())).rejects.toMatchObject({ code: "journal-refused" });
  expect((await stat(at(JOURNAL))).isFile()).toBe(true);
});

test("readers beside transactions that follow each other see each of them whole", async () => {
  const write = (from: string, to: string) =>
    applyFileTransaction({
      stateDir: home.stateDir,
      changes: [ONE, TWO, GONE].map((file) => ({ path: at(file), content: to, expected: Buffer.from(from) })),
    });
  const writing = new AbortController();
  const written = (async () => {
    for (let round = 0; round < 15; round += 1) await write(round === 0 ? "old" : `${round - 1}`, `${round}`);
    writing.abort();
  })();
  const seen = new Set<string>();
  while (!writing.signal.aborted) {
    const [one, two, three] = await readCommitted(home.stateDir, readAll());
    expect([two, three]).toEqual([one, one]);
    seen.add(one ?? "missing");
  }
  await written;
  expect(seen.size).toBeGreaterThan(2);
});
