import { describe, expect, test } from "vitest";
import { isProcessAlive, runProcess, startProcess } from "./run-process.ts";

const node = process.execPath;
const env = {};
const timeoutMs = 10_000;
const staysAlive = "setInterval(() => undefined, 1000)";

/** Starts a process that starts another one and prints its pid. */
const parent = `const { pid } = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(staysAlive)}], { stdio: "inherit" });
console.log("child " + pid);`;

describe("runProcess", () => {
  test("hands back what a process wrote and how it ended", async () => {
    const script =
      "process.stdin.on('data', (d) => process.stdout.write('got ' + d)).on('end', () => { console.error('bye'); process.exitCode = 3; })";
    const result = await runProcess(node, ["-e", script], { env, input: "words", timeoutMs });
    expect(result).toEqual({ code: 3, signal: null, stdout: "got words", stderr: "bye\n" });
  });

  test("gives the environment it was told and nothing of the test's", async () => {
    const result = await runProcess(node, ["-p", "JSON.stringify(process.env)"], { env: { ONE: "1", TWO: undefined }, timeoutMs });
    expect(JSON.parse(result.stdout)).toEqual({ ONE: "1" });
  });

  test("runs where it is told", async () => {
    expect((await runProcess(node, ["-p", "process.cwd()"], { env, cwd: "/", timeoutMs })).stdout).toBe("/\n");
  });

  test("says which program cannot be started", async () => {
    await expect(runProcess("/no/such/program", [], { env, timeoutMs })).rejects.toThrow("ENOENT");
  });

  test("ends a process that takes too long, and shows what it wrote", async () => {
    await expect(runProcess(node, ["-e", staysAlive], { env, timeoutMs: 50 })).rejects.toThrow("did not end within 50 ms");
  });

  test("leaves no descendant behind, even one that keeps the output open", async () => {
    const { stdout } = await runProcess(node, ["-e", `${parent} process.exit()`], { env, timeoutMs });
    await expect.poll(() => isProcessAlive(Number(/child (\d+)/.exec(stdout)?.[1]))).toBe(false);
  });

  test("an abort kills it and comes back as it came", async () => {
    const controller = new AbortController();
    const reason = new Error("stopped by the test");
    const ran = runProcess(node, ["-e", staysAlive], { env, timeoutMs, signal: controller.signal });
    controller.abort(reason);
    await expect(ran).rejects.toBe(reason);
  });
});

test("tells a running process from one that is gone", () => {
  expect(isProcessAlive(process.pid)).toBe(true);
  expect(isProcessAlive(2 ** 22 + 1)).toBe(false);
});

describe("startProcess", () => {
  test("waits for output and passes signals on", async () => {
    const running = await startProcess(
      node,
      ["-e", `process.once("SIGTERM", () => { console.log("ending"); process.exit(7); }); ${staysAlive}; console.log("ready on 123")`],
      { env },
    );
    expect((await running.waitForOutput(/ready on (\d+)/, timeoutMs))[1]).toBe("123");
    running.signal("SIGTERM");
    expect(await running.exited).toEqual({ code: 7, signal: null });
    expect(running.stdout()).toContain("ending");
  });

  test("output that never comes is an error that shows what came", async () => {
    const running = await startProcess(node, ["-e", "console.error('broken')"], { env });
    await expect(running.waitForOutput(/ready/, timeoutMs)).rejects.toThrow("broken");
    const hanging = await startProcess(node, ["-e", staysAlive], { env });
    await expect(hanging.waitForOutput(/ready/, 20)).rejects.toThrow("ran 20 ms");
    await hanging.stop();
  });

  test("stopping kills the whole group", async () => {
    const running = await startProcess(node, ["-e", parent], { env });
    const [, pid] = await running.waitForOutput(/child (\d+)/, timeoutMs);
    expect(await running.stop()).toEqual({ code: null, signal: "SIGKILL" });
    await expect.poll(() => isProcessAlive(Number(pid))).toBe(false);
    expect(await running.stop()).toEqual({ code: null, signal: "SIGKILL" });
  });

  test("an abort of a process that nobody awaits is no unhandled rejection", async () => {
    const controller = new AbortController();
    const running = await startProcess(node, ["-e", staysAlive], { env, signal: controller.signal });
    controller.abort(new Error("stopped by the test"));
    expect((await running.stop()).signal).toBe("SIGKILL");
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("a test process that gets %s takes its processes along", async (name) => {
    const script = `import { startProcess } from ${JSON.stringify(new URL("./run-process.ts", import.meta.url).href)};
      const { pid } = await startProcess(process.execPath, ["-e", ${JSON.stringify(staysAlive)}], { env: {} });
      console.log("child " + pid);`;
    const running = await startProcess(node, ["--input-type=module", "-e", script], { env });
    const [, pid] = await running.waitForOutput(/child (\d+)/, timeoutMs);
    running.signal(name);
    expect(await running.exited).toEqual({ code: null, signal: name });
    await expect.poll(() => isProcessAlive(Number(pid))).toBe(false);
  });
});
