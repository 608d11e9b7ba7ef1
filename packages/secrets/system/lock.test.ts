import { mkdir, readFile, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import {
  createTempHome,
  giveToNobody,
  isProcessAlive,
  said,
  type RunningProcess,
  type ScriptOptions,
  type TempHome,
} from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createLockFolder } from "../src/lock.ts";
import { runScript, startScript } from "./child.ts";

let home: TempHome;
let folder: string;
beforeEach(async () => {
  home = await createTempHome();
  await giveToNobody(home.path);
  folder = join(home.path, "locks");
});
afterEach(() => home.remove());

/** A process that takes the lock and holds it until it is told or killed. */
async function startHolder(name: string): Promise<RunningProcess> {
  const script = `dropRights(); await createLockFolder(args[0]).withLock(args[1], () => go()); say("released");`;
  return started(script, { args: [folder, name] });
}

async function started(script: string, options: ScriptOptions): Promise<RunningProcess> {
  const running = await startScript(script, options);
  onTestFinished(async () => {
    await running.stop();
    expect(isProcessAlive(running.pid)).toBe(false);
  });
  return running;
}

const COUNT = `
  const count = async (file, field, times) => {
    const locks = createLockFolder(args[0]);
    for (let i = 0; i < times; i++) {
      await locks.withLock("store", async () => {
        const state = JSON.parse(fs.readFileSync(file, "utf8"));
        state[field] = (state[field] ?? 0) + 1;
        await writePrivateFile(file, JSON.stringify(state));
      });
    }
  };`;

describe("between processes", () => {
  test("two writers with 500 updates each to different fields lose none [W3]", async () => {
    const file = join(home.path, "state.json");
    await home.write("state.json", {}, 0o666);
    const script = `${COUNT} await go(); await count(args[1], args[2], 500);`;
    const writers = await Promise.all(["one", "two"].map((field) => started(script, { args: [folder, file, field] })));
    for (const writer of writers) writer.signal("SIGUSR2");
    for (const writer of writers) expect([await writer.exited, writer.stderr()]).toEqual([{ code: 0, signal: null }, ""]);
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ one: 500, two: 500 });
    expect((await home.list()).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("eight processes that count in one field lose nothing, and are all served [O1]", async () => {
    const file = join(home.path, "state.json");
    await home.write("state.json", {});
    const script = `${COUNT} await go(); await count(args[1], "all", 25);`;
    const writers = await Promise.all(Array.from({ length: 8 }, () => started(script, { args: [folder, file] })));
    for (const writer of writers) writer.signal("SIGUSR2");
    for (const writer of writers) expect([await writer.exited, writer.stderr()]).toEqual([{ code: 0, signal: null }, ""]);
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ all: 200 });
  });

  test("the lock of a holder that is killed is free at once [O5]", async () => {
    const holder = await startHolder("refresh");
    const locks = createLockFolder(folder);
    const waiting = locks.withLock("refresh", async () => "mine", { timeoutMs: 20_000 });
    await expect(locks.withLock("refresh", async () => "mine", { timeoutMs: 60 })).rejects.toMatchObject({ code: "lock-timeout" });
    const killedAt = performance.now();
    holder.signal("SIGKILL");
    expect(await waiting).toBe("mine");
    expect(performance.now() - killedAt).toBeLessThan(2_000);
  });

  test("the lock of a holder that is stopped is not stolen; who waits is told whom for [O4]", async () => {
    const holder = await startHolder("refresh");
    holder.signal("SIGSTOP");
    const locks = createLockFolder(folder);
    await expect(locks.withLock("refresh", async () => "stolen", { timeoutMs: 300 })).rejects.toMatchObject({
      name: "SecretsError",
      code: "lock-timeout",
      message: `Waited 300 ms for the lock "refresh", which process ${holder.pid} holds`,
    });
    const waiting = locks.withLock("refresh", async () => "in turn", { timeoutMs: 20_000 });
    holder.signal("SIGCONT");
    holder.signal("SIGUSR2");
    expect(await waiting).toBe("in turn");
    expect([await holder.exited, holder.stderr()]).toEqual([{ code: 0, signal: null }, ""]);
  });

  test("asking who holds the lock, and giving up waiting, do not release it [O5]", async () => {
    const script = `
      const locks = createLockFolder(args[0]);
      const held = locks.withLock("refresh", () => go());
      for (let i = 0; i < 5; i++) await report(locks.withLock("refresh", async () => "twice", { timeoutMs: 5 }));
      say("asked"); await held;`;
    const holder = await started(script, { args: [folder] });
    await holder.waitForOutput(/"asked"/, 20_000);
    expect(holder.stdout().match(/lock-timeout/g)).toHaveLength(5);
    const mine = createLockFolder(folder).withLock("refresh", async () => "stolen", { timeoutMs: 100 });
    await expect(mine).rejects.toMatchObject({ code: "lock-timeout", message: expect.stringContaining(`process ${holder.pid} `) });
    holder.signal("SIGUSR2");
    expect(await holder.exited).toEqual({ code: 0, signal: null });
  });

  test("files that a dead holder left, with a number somebody else has now and a time to come, hold nothing up [O5]", async () => {
    const holder = await startHolder("refresh");
    holder.signal("SIGKILL");
    await holder.exited;
    const left = (await home.list()).filter((file) => file.startsWith("locks/"));
    expect(left.map((file) => file.replace(/.*\./, "."))).toEqual([".holder", ".lock"]);
    await home.write(left[0] ?? "", `{"name":"refresh","pid":${process.pid},"since":"2099-01-01T00:00:00.000Z"}\n`);
    for (const file of left) await utimes(join(home.path, file), 4_070_908_800, 4_070_908_800);
    expect(await createLockFolder(folder).withLock("refresh", async () => "mine", { timeoutMs: 1_000 })).toBe("mine");
  });

  test("a process that ends while it waits leaves nothing locked", async () => {
    const holder = await startHolder("refresh");
    const script = `const wait = createLockFolder(args[0]).withLock("refresh", async () => undefined, { timeoutMs: 60_000 }); await go(); await wait;`;
    const waiter = await started(script, { args: [folder] });
    waiter.signal("SIGKILL");
    await waiter.exited;
    holder.signal("SIGUSR2");
    expect(await holder.exited).toEqual({ code: 0, signal: null });
    expect(await createLockFolder(folder).withLock("refresh", async () => "mine", { timeoutMs: 5_000 })).toBe("mine");
  });

  test("a program started under the lock does not keep it", async () => {
    const script = `
      const { spawn } = await import("node:child_process");
      await createLockFolder(args[0]).withLock("refresh", async () => {
        const child = spawn(process.execPath, ["-e", "setInterval(() => undefined, 60000)"], { stdio: "ignore" });
        await new Promise((resolve) => child.once("spawn", resolve));
        child.unref();
      });
      await go();`;
    const parent = await started(script, { args: [folder] });
    expect(await createLockFolder(folder).withLock("refresh", async () => "mine", { timeoutMs: 1_000 })).toBe("mine");
    parent.signal("SIGUSR2");
    await parent.exited;
  });

  test("worker threads of one process exclude each other", async () => {
    const script = `
      const { Worker } = await import("node:worker_threads");
      const work = \`
        const { workerData: [lockUrl, folder, file] } = await import("node:worker_threads");
        const { readFileSync, writeFileSync } = await import("node:fs");
        const { createLockFolder } = await import(lockUrl);
        const locks = createLockFolder(folder);
        for (let i = 0; i < 50; i++) await locks.withLock("count", async () => {
          const before = Number(readFileSync(file, "utf8"));
          await new Promise((resolve) => setImmediate(resolve));
          writeFileSync(file, String(before + 1));
        });\`;
      const url = new URL("data:text/javascript," + encodeURIComponent(work));
      const workers = Array.from({ length: 3 }, () => new Worker(url, { workerData: args }));
      await Promise.all(workers.map((worker) => new Promise((resolve, reject) => worker.once("exit", resolve).once("error", reject))));`;
    await home.write("count", "0", 0o666);
    const lockUrl = new URL("../src/lock.ts", import.meta.url).href;
    expect(await runScript(script, { args: [lockUrl, folder, join(home.path, "count")] })).toMatchObject({ code: 0, stderr: "" });
    expect(await home.read("count")).toBe("150");
  });
});

test.each(["000", "077"])("under umask %s the folder is 0700 and what is in it 0600 [W4]", async (mask) => {
  const script = `dropRights(); process.umask(0o${mask}); await createLockFolder(args[0]).withLock("refresh", () => go());`;
  const holder = await started(script, { args: [folder] });
  const modes = await Promise.all(
    ["locks", ...(await home.list())].map(async (file) => ((await stat(join(home.path, file))).mode & 0o777).toString(8)),
  );
  expect(modes).toEqual(["700", "600", "600"]);
  holder.signal("SIGUSR2");
  await holder.exited;
});

test("without a free file descriptor there is an error and no lock [W2]", async () => {
  const script = `
    dropRights();
    const locks = createLockFolder(args[0]);
    await locks.withLock("warm", async () => undefined);
    const open = [];
    try { for (;;) open.push(fs.openSync("/dev/null")); } catch (error) { say(error.code); }
    await report(locks.withLock("warm", async () => "taken"));
    for (const number of open) fs.closeSync(number);
    await report(locks.withLock("warm", async () => "taken"));`;
  const { stdout, stderr } = await runScript(script, { args: [folder], under: ["/bin/sh", "-c", 'ulimit -n 128; exec "$0" "$@"'] });
  expect([said(stdout), stderr]).toEqual([["EMFILE", expect.objectContaining({ code: "lock-failed" }), { value: "taken" }], ""]);
});

test("a folder that others can write to is refused [T13]", async () => {
  await mkdir(folder, { mode: 0o777 });
  const script = `dropRights(); fs.chmodSync(args[0], 0o777); await report(createLockFolder(args[0]).withLock("refresh", async () => "taken"));`;
  const { stdout } = await runScript(`if (process.getuid() === 0) fs.chownSync(args[0], 65534, 65534); ${script}`, { args: [folder] });
  expect(said(stdout)).toEqual([expect.objectContaining({ code: "folder-refused" })]);
});

test("says nothing of SQLite on stderr", async () => {
  const { stderr } = await runScript(
    `process.on("warning", (warning) => { if (/SQLite/.test(warning.message)) say(warning.message); });
     await createLockFolder(args[0]).withLock("a", async () => undefined);`,
    { args: [folder] },
  );
  expect(stderr).toBe("");
});
