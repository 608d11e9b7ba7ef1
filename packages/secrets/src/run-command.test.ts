import { execFileSync } from "node:child_process";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, isProcessAlive, manualClock, runProcess, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { checkCommand } from "./command-file.ts";
import { systemClock } from "./clock.ts";
import { runCommand, type RunCommandOptions } from "./run-command.ts";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());

const uid = process.geteuid?.();
const defaults: RunCommandOptions = {
  args: [],
  env: {},
  input: "",
  timeoutMs: 20_000,
  noOutputTimeoutMs: 20_000,
  maxOutputBytes: 1_048_576,
  clock: systemClock,
};

async function script(text: string): Promise<string> {
  await home.write("tool", `#!/bin/sh\n${text}\n`, 0o700);
  return join(home.path, "tool");
}

async function run(command: string, options: Partial<RunCommandOptions> = {}) {
  const result = await runCommand(await checkCommand(command, { uid, allowSymlinkCommand: true }), { ...defaults, ...options });
  return result.status === "exited" ? { ...result, stdout: result.stdout.toString("latin1") } : result;
}

/** Waits until the running script has written a line of process ids, and returns them. */
async function pidsIn(file: string): Promise<readonly number[]> {
  return vi.waitFor(async () => {
    const text = await home.read(file);
    if (!text.endsWith("\n")) throw new Error("not yet");
    return text.trim().split(/\s+/u).map(Number);
  }, 10_000);
}

const isGone = (pids: readonly number[]) => vi.waitFor(() => expect(pids.filter((pid) => isProcessAlive(pid))).toEqual([]), 5_000);

describe("the environment is exactly what is listed [X5]", () => {
  test("nothing is inherited, a name without a value is left out, a line break is kept", async () => {
    vi.stubEnv("LD_PRELOAD", "/nowhere.so");
    vi.stubEnv("NODE_OPTIONS", "--inspect");
    vi.stubEnv("BASH_ENV", "/nowhere.sh");
    const env = { ONE: "1", EMPTY: "", TWO_LINES: "a\nb", UNSET: undefined };
    expect(await run("/usr/bin/env", { args: ["-0"], env })).toEqual({
      status: "exited",
      code: 0,
      stdout: "ONE=1\0EMPTY=\0TWO_LINES=a\nb\0",
    });
    vi.unstubAllEnvs();
    expect(await run("/usr/bin/env")).toMatchObject({ stdout: "" });
  });
});

describe("arguments arrive as they are [X6]", () => {
  const args = ["a b", `'"`, "$(id)", "`id`", ";", "", "-x", "*", "\\", "a\nb", "é"];
  test("and no shell sees them", async () => {
    const result = await run(await script(`for a in "$@"; do printf '%s\\0' "$a"; done`), { args });
    expect(result).toMatchObject({ status: "exited", stdout: Buffer.from(`${args.join("\0")}\0`).toString("latin1") });
  });
  test("one with a NUL starts nothing, and is not quoted", async () => {
    expect(await run("/usr/bin/env", { args: ["test-canary\0"] })).toEqual({ status: "not-started", errno: "ERR_INVALID_ARG_VALUE" });
  });
});

test("it runs in its own folder, without a terminal, at the head of its own session [X17]", async () => {
  const tool = await script(`pwd; [ -t 0 ] && echo tty; : 2>/dev/null </dev/tty && echo terminal; ps -o sid= -p $$; echo $$`);
  const result = await run(tool, { env: { PATH: "/usr/bin:/bin" } });
  const [folder, session, pid] = result.status === "exited" ? result.stdout.trim().split(/\s+/u) : [];
  expect(folder).toBe(home.path);
  expect(session).toBe(pid);
});

test("a link's program runs, under the link's name", async () => {
  const file = await checkCommand("/usr/bin/env", { uid });
  const result = await runCommand({ ...file, name: "/usr/local/bin/shim" }, { ...defaults, args: ["--help"] });
  expect(result.status === "exited" && result.stdout.toString()).toMatch(/shim/u);
});

describe("output is bounded while it is read [X8]", () => {
  test("a flood is ended at the limit", async () => {
    const tool = await script("echo $$ > pid; exec /usr/bin/yes test-canary");
    expect(await run(tool)).toEqual({ status: "too-much-output" });
    await isGone(await pidsIn("pid"));
  });

  const zeros = (bytes: number) => script(`exec /usr/bin/head -c ${bytes} /dev/zero`);
  test("exactly 1 MiB is taken", async () => {
    const result = await run(await zeros(1_048_576));
    expect(result.status === "exited" && result.stdout.length).toBe(1_048_576);
  });
  test("1 MiB and a byte is not", async () => {
    expect(await run(await zeros(1_048_577))).toEqual({ status: "too-much-output" });
  });

  test("a flood on either pipe costs less than 8 MiB of memory", async () => {
    await home.write("stdout", "#!/bin/sh\nexec /usr/bin/yes\n", 0o700);
    await home.write("stderr", "#!/bin/sh\n/usr/bin/head -c 100000000 /dev/zero >&2; printf done\n", 0o700);
    const here = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
    const code = `
      const { checkCommand } = await import(${here("./command-file.ts")});
      const { runCommand } = await import(${here("./run-command.ts")});
      const { systemClock } = await import(${here("./clock.ts")});
      const options = { args: [], env: {}, input: "", timeoutMs: 20000, noOutputTimeoutMs: 20000, maxOutputBytes: 1048576, clock: systemClock };
      const run = async (name) => runCommand(await checkCommand(${JSON.stringify(home.path)} + "/" + name, { uid: process.geteuid() }), options);
      await run("stdout"); // What is loaded and warmed up by the first run is not the flood's.
      const before = process.memoryUsage().rss;
      const statuses = [(await run("stdout")).status, (await run("stderr")).stdout.toString()];
      console.log(JSON.stringify({ statuses, grown: process.memoryUsage().rss - before }));`;
    const child = await runProcess(process.execPath, ["--input-type=module", "-e", code], { env: {}, timeoutMs: 30_000 });
    const { statuses, grown } = JSON.parse(child.stdout);
    expect(statuses).toEqual(["too-much-output", "done"]);
    expect(grown).toBeLessThan(8 * 1024 * 1024);
  });
});

describe("input that is not read is no failure [X9]", () => {
  const input = "x".repeat(262_144);
  test.each([
    ["stdin is closed at once", "exec <&-; printf answer"],
    ["it ends before it reads", "printf answer"],
    ["it reads a part", "/usr/bin/head -c 10 >/dev/null; printf answer"],
    ["it reads all", "/bin/cat >/dev/null; printf answer"],
  ])("%s", async (_, text) => {
    expect(await run(await script(text), { input })).toEqual({ status: "exited", code: 0, stdout: "answer" });
  });
  test("what is read is all of it", async () => {
    expect(await run(await script("/usr/bin/wc -c"), { input })).toMatchObject({ stdout: "262144\n" });
  });
});

describe("how it ended is told [X10]", () => {
  test.each([
    ["exit 0", "printf answer", { status: "exited", code: 0, stdout: "answer" }],
    ["exit 1", "printf answer; exit 1", { status: "exited", code: 1, stdout: "answer" }],
    ["a signal", "printf answer; kill -9 $$", { status: "killed", signal: "SIGKILL" }],
  ])("%s", async (_, text, expected) => {
    expect(await run(await script(text))).toEqual(expected);
  });
});

describe("what cannot be started is told by its code alone [X1]", () => {
  test("an interpreter that is not there", async () => {
    await home.write("tool", "#!/nowhere/test-canary\n", 0o700);
    expect(await run(join(home.path, "tool"))).toEqual({ status: "not-started", errno: "ENOENT" });
  });
  test("an argument list that is too long", async () => {
    expect(await run("/usr/bin/env", { args: ["x".repeat(3_000_000)] })).toEqual({ status: "not-started", errno: "E2BIG" });
  });
  test("no descriptors left", async () => {
    const code = `
      const { runCommand } = await import(${JSON.stringify(new URL("./run-command.ts", import.meta.url).href)});
      const { checkCommand } = await import(${JSON.stringify(new URL("./command-file.ts", import.meta.url).href)});
      const { systemClock } = await import(${JSON.stringify(new URL("./clock.ts", import.meta.url).href)});
      const { openSync } = await import("node:fs");
      const file = await checkCommand("/usr/bin/env", { uid: process.geteuid() });
      try { for (;;) openSync("/dev/null"); } catch {}
      const result = await runCommand(file, { args: [], env: {}, input: "", timeoutMs: 9000, noOutputTimeoutMs: 9000, maxOutputBytes: 9, clock: systemClock });
      process.stdout.write(result.status + " " + result.errno);`;
    const limited = `ulimit -n 64; exec "$0" --input-type=module -e "$1"`;
    const result = await runProcess("/bin/bash", ["-c", limited, process.execPath, code], { env: {}, timeoutMs: 20_000 });
    expect(result.stdout).toBe("not-started EMFILE");
  });
});

describe("nothing outlives the call", () => {
  test.each([
    ["a command that hangs", "echo $$ > pids; exec /bin/sleep 600"],
    ["one that ignores SIGTERM", "trap '' TERM; echo $$ > pids; while :; do /bin/sleep 600; done"],
    ["its children", "/bin/sleep 600 & a=$!; /bin/sleep 600 & echo $$ $a $! > pids; wait"],
    ["children that ignore SIGTERM", "(trap '' TERM; /bin/sleep 600; /bin/sleep 600) & echo $$ $! > pids; wait"],
    ["one that is stopped", "echo $$ > pids; kill -STOP $$"],
  ])("when the time is over: %s", async (_, text) => {
    const clock = manualClock();
    const running = run(await script(text), { clock, timeoutMs: 4_900 });
    const pids = await pidsIn("pids");
    clock.advance(4_899);
    expect(pids.every((pid) => isProcessAlive(pid))).toBe(true);
    clock.advance(1);
    // Grace after SIGTERM, for those who do not follow it.
    void clock.waitForSleepers().then(() => clock.advance(500));
    const started = performance.now();
    expect(await running).toEqual({ status: "timed-out" });
    expect(performance.now() - started).toBeLessThan(2_000);
    await isGone(pids);
    expect(clock.sleeping()).toEqual([]);
  });

  test("children that hold the pipe after the command has ended", async () => {
    const result = await run(await script("/bin/sleep 600 & echo $! > pids; printf answer"));
    expect(result).toEqual({ status: "exited", code: 0, stdout: "answer" });
    await isGone(await pidsIn("pids"));
  });

  test("a daemon that has left the group is not waited for", async () => {
    const clock = manualClock();
    const running = run(
      await script("/usr/bin/setsid /bin/sh -c 'echo $$ > pids; exec /bin/sleep 600' & while [ ! -s pids ]; do :; done; printf answer"),
      { clock },
    );
    const pids = await pidsIn("pids");
    // The deadline, then the grace for a pipe that somebody still holds.
    await clock.waitForSleepers(2);
    clock.advance(500);
    expect(await running).toEqual({ status: "exited", code: 0, stdout: "answer" });
    execFileSync("/bin/kill", ["-9", ...pids.map(String)]);
  });

  test("silence on stdout is told from a late end", async () => {
    const clock = manualClock();
    const tool = await script("echo $$ > pids; printf a; read -r line < fifo; printf b; exec /bin/sleep 600");
    execFileSync("mkfifo", [join(home.path, "fifo")]);
    const running = run(tool, { clock, timeoutMs: 5_000, noOutputTimeoutMs: 1_000 });
    const pids = await pidsIn("pids");
    // After the first letter the silence counts from there.
    await vi.waitFor(() => expect(clock.sleeping()).toHaveLength(2));
    clock.advance(999);
    execFileSync("/bin/sh", ["-c", `echo go > ${join(home.path, "fifo")}`]);
    await vi.waitFor(() => expect(clock.sleeping()[0]).toBe(clock.now() + 1_000));
    clock.advance(1_000);
    expect(await running).toEqual({ status: "silent" });
    await isGone(pids);
  });

  test("an abort ends it, and is rethrown as it came", async () => {
    const reason = new Error("enough");
    await expect(run("/usr/bin/env", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const abort = new AbortController();
    const running = run(await script("/bin/sleep 600 & echo $$ $! > pids; wait"), { signal: abort.signal });
    const pids = await pidsIn("pids");
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    await isGone(pids);
  });
});

test("a command that is replaced between check and start is not believed [X4]", async () => {
  const tool = await script("printf ours");
  const file = await checkCommand(tool, { uid });
  await home.write("new", "#!/bin/sh\nprintf theirs\n", 0o700);
  await rename(join(home.path, "new"), tool);
  expect(await runCommand(file, defaults)).toEqual({ status: "replaced" });
});
