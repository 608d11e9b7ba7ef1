import { chmod, mkdir, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, manualClock, runProcess, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLockFolder } from "./lock.ts";

let home: TempHome;
let folder: string;
beforeEach(async () => {
  home = await createTempHome();
  folder = join(home.path, "state/locks");
});
afterEach(() => home.remove());

/** Work that goes on until it is told to end. */
function work() {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const run = async () => {
    begun.resolve();
    await ended.promise;
  };
  return { run, begun: begun.promise, end: ended.resolve };
}

test("hands back what ran, and rethrows what it threw, with the lock free again", async () => {
  const locks = createLockFolder(folder);
  expect(await locks.withLock("a", async () => 7)).toBe(7);
  const reason = new Error("broken");
  await expect(locks.withLock("a", () => Promise.reject(reason))).rejects.toBe(reason);
  expect(await locks.withLock("a", async () => 8)).toBe(8);
});

test("callers in one process run one at a time, in the order they came", async () => {
  const locks = createLockFolder(folder);
  const order: number[] = [];
  let inside = 0;
  const run = (index: number) => async () => {
    expect(++inside).toBe(1);
    await stat(home.path);
    order.push(index);
    inside--;
  };
  await Promise.all(Array.from({ length: 50 }, (_, index) => locks.withLock("a", run(index))));
  expect(order).toEqual(order.toSorted((left, right) => left - right));
  expect(order).toHaveLength(50);
});

test("two objects for one folder, also through a link, are one queue", async () => {
  await mkdir(folder, { recursive: true });
  await symlink(folder, join(home.path, "link"));
  const held = work();
  const first = createLockFolder(folder).withLock("a", held.run);
  await held.begun;
  const order: string[] = [];
  const second = createLockFolder(join(home.path, "link")).withLock("a", async () => void order.push("second"));
  await createLockFolder(folder).withLock("b", async () => void order.push("another lock"));
  order.push("end");
  held.end();
  await Promise.all([first, second]);
  expect(order).toEqual(["another lock", "end", "second"]);
});

test("a lock is not taken again by work that runs under it, but by what outlives that work", async () => {
  const locks = createLockFolder(folder);
  const gate = work();
  let later: Promise<unknown> = Promise.resolve();
  await locks.withLock("a", async () => {
    await expect(locks.withLock("a", async () => "twice")).rejects.toMatchObject({
      code: "lock-reentered",
      message: expect.stringContaining('"a"'),
    });
    expect(await locks.withLock("b", async () => "another")).toBe("another");
    await expect(locks.withLock("b", () => locks.withLock("a", async () => "twice"))).rejects.toMatchObject({ code: "lock-reentered" });
    later = gate.run().then(() => locks.withLock("a", async () => "later"));
  });
  gate.end();
  expect(await later).toBe("later");
});

test("gives up after the time it was given, by a clock that nobody can set", async () => {
  const clock = manualClock();
  const locks = createLockFolder(folder, { clock });
  const held = work();
  const first = locks.withLock("refresh anthropic:work", held.run);
  await held.begun;
  const second = locks.withLock("refresh anthropic:work", async () => "late", { timeoutMs: 5_000 });
  const third = locks.withLock("refresh anthropic:work", async () => "patient", { timeoutMs: 60_000 });
  await clock.waitForSleepers(2);
  clock.advance(4_999);
  clock.advance(1);
  await expect(second).rejects.toMatchObject({
    name: "SecretsError",
    code: "lock-timeout",
    message: `Waited 5000 ms for the lock "refresh anthropic:work", which process ${process.pid} holds`,
  });
  held.end();
  await first;
  expect(await third).toBe("patient");
  expect(clock.sleeping()).toEqual([]);
});

test("an abort ends the waiting, comes back as it came, and takes nobody's turn", async () => {
  const locks = createLockFolder(folder);
  const held = work();
  const first = locks.withLock("a", held.run);
  await held.begun;
  const controller = new AbortController();
  const second = locks.withLock("a", async () => "aborted", { signal: controller.signal });
  const third = locks.withLock("a", async () => "third");
  const reason = new Error("stopped by the test");
  controller.abort(reason);
  await expect(second).rejects.toBe(reason);
  await expect(locks.withLock("a", async () => "never", { signal: controller.signal })).rejects.toBe(reason);
  held.end();
  await first;
  expect(await third).toBe("third");
});

test("an abort does not end work that holds the lock", async () => {
  const controller = new AbortController();
  const held = work();
  const first = createLockFolder(folder).withLock("a", held.run, { signal: controller.signal });
  await held.begun;
  controller.abort();
  held.end();
  await expect(first).resolves.toBeUndefined();
});

test.each(["../../x", "/etc/passwd", "a\u0000b", "ключ", "x".repeat(10_000), "", "CON", "a/b", "A"])(
  "%j is a safe name: one file of the folder, told from others [W10]",
  async (name) => {
    const locks = createLockFolder(folder);
    await locks.withLock("a", () => locks.withLock(name, async () => undefined));
    expect((await home.list()).toSorted()).toEqual((await home.list()).filter((file) => /^state\/locks\/[0-9a-f]{40}\.lock$/.test(file)));
    expect(await home.list()).toHaveLength(2);
  },
);

test("the folder is made 0700 when a lock is first taken, and holds only empty files of mode 0600 [W4]", async () => {
  const locks = createLockFolder(folder);
  expect(await home.list()).toEqual([]);
  await locks.withLock("a", async () => {
    const modes = await Promise.all((await home.list()).map(async (file) => (await stat(join(home.path, file))).mode & 0o777));
    expect(modes).toEqual([0o600, 0o600]);
  });
  const [file = "", ...others] = await home.list();
  expect([others, (await stat(join(home.path, file))).size, (await stat(folder)).mode & 0o777]).toEqual([[], 0, 0o700]);
});

test("a folder and a lock file that others can read are made private", async () => {
  await createLockFolder(folder).withLock("a", async () => undefined);
  const [file = ""] = await home.list();
  await chmod(folder, 0o755);
  await chmod(join(home.path, file), 0o644);
  await createLockFolder(folder).withLock("a", async () => undefined);
  expect([(await stat(folder)).mode & 0o777, (await stat(join(home.path, file))).mode & 0o777]).toEqual([0o700, 0o600]);
});

test("a lock file that is none is an error, and one that cannot be made too", async () => {
  const locks = createLockFolder(folder);
  await locks.withLock("a", async () => undefined);
  const [file = ""] = await home.list();
  await home.write(file, "not a database, and long enough to be taken for one. ".repeat(40));
  await expect(locks.withLock("a", async () => "taken")).rejects.toMatchObject({
    code: "lock-failed",
    message: expect.stringContaining(file),
  });
  await home.write("file", "");
  await expect(createLockFolder(join(home.path, "file/locks")).withLock("a", async () => "taken")).rejects.toMatchObject({
    code: "folder-refused",
  });
});

test("says which folder cannot be made, and what would help", async () => {
  const unusable = join(home.path, "x".repeat(300));
  await expect(createLockFolder(unusable).withLock("a", async () => "taken")).rejects.toMatchObject({
    code: "lock-failed",
    message: `Locks cannot be kept in ${unusable}: ENAMETOOLONG`,
    hint: `make ${home.path} a folder that this user may write to`,
  });
});

test("a folder that could not be used at first is tried again", async () => {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o777);
  const locks = createLockFolder(folder);
  await expect(locks.withLock("a", async () => "taken")).rejects.toMatchObject({ code: "folder-refused" });
  await chmod(folder, 0o700);
  expect(await locks.withLock("a", async () => "taken")).toBe("taken");
});

test("nothing is said of SQLite, and other warnings are still given", async () => {
  const script = `
    import { createLockFolder } from ${JSON.stringify(new URL("./lock.ts", import.meta.url).href)};
    await createLockFolder(process.argv[1]).withLock("a", async () => undefined);
    process.emitWarning("still here", "ExperimentalWarning");`;
  const { code, stderr } = await runProcess(process.execPath, ["--input-type=module", "-e", script, folder], {
    env: {},
    timeoutMs: 20_000,
  });
  expect([code, /SQLite/.test(stderr), /ExperimentalWarning: still here/.test(stderr)]).toEqual([0, false, true]);
});
