import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, findProgram, runProcess, startProcess, type TempHome } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { applyFileTransaction, finishFileTransaction, type FileChange } from "../src/file-transaction.ts";
import { readCommitted } from "../src/pending-files.ts";

const strace = findProgram("strace");

/** Whether a file system can be mounted here, in a mount namespace that nobody else sees. */
const canMount =
  process.getuid?.() === 0 &&
  (await runProcess("/usr/bin/env", ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { env: {}, timeoutMs: 10_000 })).code === 0;

const CONFIG = ".openclaw/openclaw.json";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const LEGACY = ".openclaw/agents/main/agent/auth.json";
const OTHER = ".openclaw/agents/work/agent/auth-profiles.json";
const FILES = [CONFIG, STORE, LEGACY, OTHER];

/** The plan: two are replaced, one is deleted, one is made. What goes is a key. */
const OLD: Readonly<Record<string, string>> = {
  [CONFIG]: "config with test-key-one",
  [STORE]: "store with test-key-one",
  [LEGACY]: "legacy with test-key-one",
};
const NEW: Readonly<Record<string, string>> = { [CONFIG]: "new config", [STORE]: "new store", [OTHER]: "new other" };
const contents = (state: Readonly<Record<string, string>>) => FILES.map((file) => state[file]);

const source = (file: string): string => JSON.stringify(new URL(`../src/${file}`, import.meta.url).href);

/** Arguments: the home. `go()` says that it is ready and waits for SIGUSR2. */
const PRELUDE = `
import * as fs from "node:fs";
import { join } from "node:path";
import { applyFileTransaction, finishFileTransaction } from ${source("file-transaction.ts")};
const [home] = process.argv.slice(1);
const say = (value) => fs.writeSync(1, JSON.stringify(value) + "\\n");
const report = (promise) => promise.then(
  (value) => say({ value }),
  (error) => say({ code: error.code, message: error.message, cause: error.cause?.code }),
);
const go = () => new Promise((resolve) => {
  const alive = setInterval(() => undefined, 60_000);
  process.once("SIGUSR2", () => { clearInterval(alive); resolve(); });
  say("ready");
});
const stateDir = join(home, ".openclaw");
const [before, after] = ${JSON.stringify([OLD, NEW])};
const apply = (files = ${JSON.stringify(FILES)}) => applyFileTransaction({ stateDir, changes: files.map((file) => ({
  path: join(home, file), content: after[file], expected: before[file] === undefined ? undefined : Buffer.from(before[file]),
})) });
const finish = () => finishFileTransaction(stateDir);
`;

const command = (script: string, home: string): string[] => [
  "--conditions=@openclaw/source",
  "--disable-warning=ExperimentalWarning",
  "--input-type=module",
  "-e",
  PRELUDE + script,
  home,
];
// One thread for files, so that strace, which counts calls by thread, counts all of them together.
const environment = { PATH: process.env["PATH"], UV_THREADPOOL_SIZE: "1" };

type Work = "apply" | "finish";

/** What a process that did the work said, and the calls it made; nothing was said when it was killed. */
interface Traced {
  readonly said: readonly unknown[];
  readonly calls: string;
}

/** Lets a process do the work while strace injects a fault: `rename:signal=KILL:when=1`. */
async function traced(work: Work, home: TempHome, inject?: string): Promise<Traced> {
  const log = join(home.path, "trace.log");
  const child = await startProcess(process.execPath, command(`await go(); await report(${work}());`, home.path), { env: environment });
  try {
    await child.waitForOutput(/"ready"/, 30_000);
    const injection = inject === undefined ? [] : ["-e", `inject=${inject}`];
    const filter = ["-e", `trace=${CALLS.join(",")}`, ...injection];
    const tracer = await startProcess(strace ?? "", ["-f", "-y", "-o", log, ...filter, "-p", String(child.pid)], { env: {} });
    try {
      await tracer.waitForOutput(/attached/, 20_000);
      child.signal("SIGUSR2");
      await child.exited;
      await tracer.exited;
    } finally {
      await tracer.stop();
    }
  } finally {
    await child.stop();
  }
  return { said: linesOf(child.stdout()).slice(1), calls: await readFile(log, "utf8") };
}

/** What is synced, moved and removed, in order, with the paths in the home. What happens among the locks is left out. */
function orderOf(calls: string, home: TempHome): readonly string[] {
  return calls.split("\n").flatMap((line) => {
    // strace writes calls that overlap in two halves, the arguments in the first.
    const [, call, args = ""] = /^\d+ +(fsync|rename|unlink)\((.*)/.exec(line) ?? [];
    const path = [...args.matchAll(/[<"](\/[^">]*)[">]/g)].at(-1)?.[1];
    if (call === undefined || path === undefined || path.includes("/locks/")) return [];
    const shown = path
      .slice(home.path.length + 1)
      .replace(/[^/]*\.tmp$/, "NEW")
      .replace(/[^/]*\.prepared$/, "PREPARED");
    return [`${call} ${shown}`];
  });
}

function linesOf(output: string): readonly unknown[] {
  const lines = output.split("\n").filter((line) => line !== "");
  return lines.map((line): unknown => JSON.parse(line));
}

/** Every call by which anything changes, and every opening. Files are written at positions; a plain `write` only wakes threads. */
const CALLS = ["openat", "mkdir", "fchmod", "pwrite64", "fsync", "rename", "unlink"] as const;

/** The rename that commits: after those of the first journal and of three prepared files. */
const COMMIT = 5;

/** How many of each call there are at least, so that no test is content with none. */
const FEWEST: Readonly<Record<(typeof CALLS)[number], number>> = {
  openat: 20,
  mkdir: 1,
  fchmod: 5,
  pwrite64: 5,
  fsync: 14,
  rename: 8,
  unlink: 2,
};

/** A change of a file to what it holds. */
function unchanged(home: TempHome, file: string): FileChange {
  const text = OLD[file];
  return { path: join(home.path, file), content: text, expected: text === undefined ? undefined : Buffer.from(text) };
}

async function newHome(): Promise<TempHome> {
  const home = await createTempHome(OLD);
  // Makes the locks, as an earlier apply did.
  await applyFileTransaction({ stateDir: home.stateDir, changes: [STORE, OTHER].map((file) => unchanged(home, file)) });
  return home;
}

async function readRaw(home: TempHome, pathOf = (path: string): string => path): Promise<readonly (string | undefined)[]> {
  const found: (string | undefined)[] = [];
  for (const file of FILES) found.push(await readFile(pathOf(join(home.path, file)), "utf8").catch(() => undefined));
  return found;
}

/** All old or all new, and which. */
function sideOf(found: readonly (string | undefined)[]): "old" | "new" | readonly (string | undefined)[] {
  if (String(found) === String(contents(OLD))) return "old";
  return String(found) === String(contents(NEW)) ? "new" : found;
}

/** What is in the home that should not be after the end: all but the four files and locks. */
async function leftovers(home: TempHome): Promise<readonly string[]> {
  return (await home.list()).filter(
    (file) => !(FILES.includes(file) || file.includes("/locks/") || file.endsWith("/") || file === "trace.log"),
  );
}

async function holdsKey(home: TempHome): Promise<boolean> {
  const files = (await home.list()).filter((file) => !file.endsWith("/") && file !== "trace.log");
  const texts = await Promise.all(files.map((file) => home.read(file)));
  return texts.some((text) => text.includes("test-key-one"));
}

const read = (home: TempHome) => readCommitted(home.stateDir, (pathOf) => readRaw(home, pathOf));

/** Checks a home whose transaction was killed somewhere: for a reader now, and for everybody when it is finished. */
async function judge(home: TempHome): Promise<"old" | "new"> {
  const seen = sideOf(await read(home));
  await finishFileTransaction(home.stateDir);
  const finished = sideOf(await readRaw(home));
  expect([seen, finished]).toEqual([finished, seen]);
  expect(["old", "new"]).toContain(finished);
  expect(await leftovers(home)).toEqual([]);
  expect(await holdsKey(home)).toBe(finished === "old");
  expect(await finishFileTransaction(home.stateDir)).toMatchObject({ outcome: "none" });
  return finished === "old" ? "old" : "new";
}

/** Kills the work at each of one kind of call in turn, until it is through before the next one. */
async function killAtEach(call: string, work: Work, prepare: () => Promise<TempHome>, check: (home: TempHome) => Promise<"old" | "new">) {
  const sides: ("old" | "new")[] = [];
  for (let isThrough = false, when = 1; !isThrough; when += 2) {
    // Two at a time: as many as the smallest machine has processors.
    const pair = await Promise.all(
      [when, when + 1].map(async (at) => {
        const home = await prepare();
        try {
          const { said } = await traced(work, home, `${call}:signal=KILL:when=${at}`);
          return { isKilled: said.length === 0, side: await check(home) };
        } finally {
          await home.remove();
        }
      }),
    );
    isThrough = pair.some(({ isKilled }) => !isKilled);
    sides.push(...pair.filter(({ isKilled }) => isKilled).map(({ side }) => side));
  }
  return sides;
}

describe.skipIf(strace === undefined)("with system calls that fail or kill", () => {
  test.each(CALLS)("W7: killed at each %s, a transaction of four files is all old or all new", { timeout: 240_000 }, async (call) => {
    const sides = await killAtEach(call, "apply", newHome, judge);
    // Old until the commit and new from then on: no call goes back.
    expect(sides).toEqual(sides.toSorted((left, right) => right.localeCompare(left)));
    expect(sides.length).toBeGreaterThanOrEqual(FEWEST[call]);
  });

  test.each(["fsync", "rename", "unlink"] as const)(
    "W7: killed at each %s, the finishing of a committed transaction is itself finished, and all is new",
    { timeout: 120_000 },
    async (call) => {
      const sides = await killAtEach(call, "finish", newCommittedHome, judge);
      expect(sides).toEqual(sides.map(() => "new"));
      expect(sides.length).toBeGreaterThanOrEqual(call === "rename" ? 3 : 2);
    },
  );

  test(
    "W7: killed at each unlink, the tidying after a transaction that was not committed is itself finished, and all is old",
    { timeout: 120_000 },
    async () => {
      const prepare = async () => {
        const home = await newHome();
        await traced("apply", home, `rename:signal=KILL:when=${COMMIT}`);
        return home;
      };
      const sides = await killAtEach("unlink", "finish", prepare, judge);
      expect(sides).toEqual(sides.map(() => "old"));
      expect(sides.length).toBeGreaterThanOrEqual(4);
    },
  );

  test.each([
    ["rename", 1, "EROFS"],
    ["pwrite64", 2, "ENOSPC"],
    ["fsync", 4, "EIO"],
    ["rename", COMMIT, "EIO"],
  ] as const)("W7: %s number %i fails with %s before the commit: the error says so and all is old", async (call, when, errno) => {
    const home = await newHome();
    onTestFinished(() => home.remove());
    const { said } = await traced("apply", home, `${call}:error=${errno}:when=${when}`);
    expect(said).toEqual([expect.objectContaining({ code: "file-write-failed", cause: errno })]);
    expect(sideOf(await readRaw(home))).toBe("old");
    expect(await leftovers(home)).toEqual([]);
  });

  test("W6: nothing is moved before the commit is on the disk, and the journal goes when all that was moved is", async () => {
    const home = await newHome();
    onTestFinished(() => home.remove());
    const { calls } = await traced("apply", home);
    const [main, work] = [".openclaw/agents/main/agent", ".openclaw/agents/work/agent"];
    const whole = (file: string, folder: string) => [`fsync ${folder}/NEW`, `rename ${folder}/${file}`, `fsync ${folder}`];
    expect(orderOf(calls, home)).toEqual([
      ...whole("secrets-apply.journal", ".openclaw"),
      ...whole("PREPARED", ".openclaw"),
      ...whole("PREPARED", main),
      ...whole("PREPARED", work),
      ...whole("secrets-apply.journal", ".openclaw"),
      `rename ${CONFIG}`,
      `rename ${STORE}`,
      `unlink ${LEGACY}`,
      `rename ${OTHER}`,
      "fsync .openclaw",
      `fsync ${main}`,
      `fsync ${work}`,
      "unlink .openclaw/secrets-apply.journal",
      "fsync .openclaw",
    ]);
  });

  test.each(["EIO", "EROFS"])(
    "W7: a rename after the commit fails with %s: readers see all new, and the next finishes it",
    async (errno) => {
      const home = await newHome();
      onTestFinished(() => home.remove());
      const { said } = await traced("apply", home, `rename:error=${errno}:when=${COMMIT + 2}`);
      expect(said).toEqual([expect.objectContaining({ code: "transaction-unfinished", cause: errno })]);
      expect(await judge(home)).toBe("new");
    },
  );
});

describe("on a disk that gives out", () => {
  test.skipIf(!canMount)("W7: a full disk leaves everything old", async () => {
    const outcome = await inMounted(
      `for (let size = 60_000; size > 100; size = Math.floor(size / 2)) {
         try { for (let i = 0; ; i++) fs.writeFileSync(home + "/fill-" + size + "-" + i, "x".repeat(size)); } catch (error) { if (error.code !== "ENOSPC") throw error; }
       }
       await report(apply());`,
    );
    expect(outcome).toEqual([expect.objectContaining({ cause: "ENOSPC" }), contents(OLD), []]);
  });

  test.skipIf(!canMount)("W7: a disk that fills up between the first and the last content leaves everything old", async () => {
    const outcome = await inMounted(`after[${JSON.stringify(OTHER)}] = "x".repeat(300_000); await report(apply());`);
    expect(outcome).toEqual([expect.objectContaining({ code: "file-write-failed", cause: "ENOSPC" }), contents(OLD), []]);
  });

  test.skipIf(!canMount)("W7: a file system mounted for reading leaves everything old", async () => {
    const outcome = await inMounted(
      `const { execFileSync } = await import("node:child_process");
       execFileSync("mount", ["-o", "remount,ro", home]);
       await report(apply());`,
    );
    expect(outcome).toEqual([expect.objectContaining({ message: expect.stringContaining("EROFS") }), contents(OLD), []]);
  });
});

describe("with other processes", () => {
  test("W7: two that apply at once have their turn: one is through, the other is told that the files changed", async () => {
    const home = await newHome();
    onTestFinished(() => home.remove());
    const script = `await go(); await report(apply());`;
    const running = await Promise.all([1, 2].map(() => startProcess(process.execPath, command(script, home.path), { env: environment })));
    onTestFinished(async () => {
      await Promise.all(running.map((one) => one.stop()));
    });
    for (const one of running) await one.waitForOutput(/"ready"/, 30_000);
    for (const one of running) one.signal("SIGUSR2");
    for (const one of running) expect([await one.exited, one.stderr()]).toEqual([{ code: 0, signal: null }, ""]);
    const outcomes = running.flatMap((one) => linesOf(one.stdout()).slice(1));
    expect(outcomes).toHaveLength(2);
    expect(outcomes).toContainEqual({ value: FILES.map((file) => join(home.path, file)) });
    expect(outcomes).toContainEqual(expect.objectContaining({ code: "file-changed" }));
    expect(await judge(home)).toBe("new");
  });
});

/** A home whose transaction was committed, and of which nothing is in its place yet. */
async function newCommittedHome(): Promise<TempHome> {
  const home = await newHome();
  await traced("apply", home, `rename:signal=KILL:when=${COMMIT + 1}`);
  return home;
}

/** Runs a script on a tmpfs of 128 KiB that ends with it; then says what the four files hold and what else is left. */
async function inMounted(script: string): Promise<readonly unknown[]> {
  const place = await createTempHome();
  onTestFinished(() => place.remove());
  const files = `const old = ${JSON.stringify(OLD)};
    for (const [file, text] of Object.entries(old)) {
      fs.mkdirSync(join(home, file, ".."), { recursive: true, mode: 0o700 });
      fs.writeFileSync(join(home, file), text, { mode: 0o600 });
    }
    await applyFileTransaction({ stateDir, changes: [] });`;
  const look = `const read = (file) => { try { return fs.readFileSync(join(home, file), "utf8"); } catch { return null; } };
    say(${JSON.stringify(FILES)}.map(read));
    say(fs.readdirSync(home, { recursive: true }).filter((file) => /journal|prepared|\\.tmp$/.test(file)));`;
  const shell = 'mount -t tmpfs -o size=128k,mode=700 tmpfs "$0" && exec "$@"';
  const args = ["unshare", "-m", "/bin/sh", "-c", shell, place.path, process.execPath, ...command(files + script + look, place.path)];
  const result = await runProcess("/usr/bin/env", args, { env: environment, timeoutMs: 50_000 });
  expect(result).toMatchObject({ code: 0, stderr: "" });
  return linesOf(result.stdout).map((line) => (Array.isArray(line) ? line.map((text) => text ?? undefined) : line));
}
