import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a process of a test runs with. */
export interface ProcessOptions {
  /** Its whole environment: nothing is inherited, `PATH` neither. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Given to its stdin, which is then closed. Without it stdin is empty. */
  readonly input?: string;
  /** Aborted: its process group is killed and what is awaited rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface RunProcessOptions extends ProcessOptions {
  readonly timeoutMs: number;
}

/** How a process ended: with a code or by a signal. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProcessResult extends ProcessExit {
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that runs beside the test. */
export interface RunningProcess {
  readonly pid: number;
  /** What it wrote so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves with the first match in stdout or stderr; rejects, with the output, when it ends or time runs out first. */
  waitForOutput(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** Sends a signal to the process alone. */
  signal(name: NodeJS.Signals): void;
  /** Settles when the process ended and its output was read; whatever it left behind is killed. */
  readonly exited: Promise<ProcessExit>;
  /** Kills the process and all its descendants in its group. */
  stop(): Promise<ProcessExit>;
}

/** Groups of the processes that still run. */
const groups = new Set<number>();
let isWatching = false;

/** A test process that ends, also one that is told to (a worker whose test hung), takes its processes along. */
function watchOwnEnd(): void {
  if (isWatching) return;
  isWatching = true;
  const killAll = () => {
    for (const pid of groups) killGroup(pid);
  };
  process.once("exit", killAll);
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.once(name, () => {
      killAll();
      if (process.listenerCount(name) === 0) process.kill(process.pid, name);
    });
  }
}

/**
 * Starts a process in a group of its own. Call `stop` when done.
 *
 * @throws {Error} the system's error when it cannot be started.
 */
export async function startProcess(command: string, args: readonly string[], options: ProcessOptions): Promise<RunningProcess> {
  options.signal?.throwIfAborted();
  watchOwnEnd();
  const child = spawn(command, args, { cwd: options.cwd, env: { ...options.env }, stdio: "pipe", detached: true });
  let stdout = "";
  let stderr = "";
  const changed = new EventTarget();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    changed.dispatchEvent(new Event("output"));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    changed.dispatchEvent(new Event("output"));
  });
  // A process that ends without reading its input is no failure of the test.
  child.stdin.on("error", () => undefined);

  const started = Promise.withResolvers<number>();
  const ended = Promise.withResolvers<ProcessExit>();
  child.once("error", started.reject);
  child.once("spawn", () => (child.pid === undefined ? started.reject(new Error(`${command} has no pid`)) : started.resolve(child.pid)));
  child.once("close", (code, signal) => ended.resolve({ code, signal }));
  const pid = await started.promise;
  groups.add(pid);
  child.once("exit", () => {
    killGroup(pid);
    groups.delete(pid); // From here on the system may give the number to somebody else.
    changed.dispatchEvent(new Event("exit"));
  });
  const onAbort = () => killGroup(pid);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  if (options.signal?.aborted) onAbort();
  child.stdin.end(options.input ?? "");

  const exited = ended.promise.then((exit) => {
    options.signal?.removeEventListener("abort", onAbort);
    options.signal?.throwIfAborted();
    return exit;
  });
  exited.catch(() => undefined); // Whoever awaits it sees the abort; not awaiting it is no error.

  return {
    pid,
    stdout: () => stdout,
    stderr: () => stderr,
    exited,
    signal: (name) => void child.kill(name),
    async stop() {
      killGroup(pid);
      return ended.promise;
    },
    async waitForOutput(pattern, timeoutMs) {
      const found = Promise.withResolvers<RegExpExecArray>();
      const search = () => {
        const match = new RegExp(pattern, pattern.flags.replace(/[gy]/g, "")).exec(`${stdout}\n${stderr}`);
        if (match) found.resolve(match);
      };
      const fail = (why: string) => found.reject(new Error(`${command} ${why} before ${pattern} appeared:\n${stdout}\n${stderr}`));
      const timer = setTimeout(() => fail(`ran ${timeoutMs} ms`), timeoutMs);
      changed.addEventListener("output", search);
      void ended.promise.then(() => fail("ended"));
      search();
      try {
        return await found.promise;
      } finally {
        clearTimeout(timer);
        changed.removeEventListener("output", search);
      }
    },
  };
}

/**
 * Runs a process to its end. None of its descendants outlives the call.
 *
 * @throws {Error} with the output so far when `timeoutMs` ran out.
 *
 * @example
 * const { code, stdout } = await runProcess(process.execPath, ["main.js", "--version"], { env: home.env, timeoutMs: 5_000 });
 */
export async function runProcess(command: string, args: readonly string[], options: RunProcessOptions): Promise<ProcessResult> {
  const running = await startProcess(command, args, options);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void running.stop();
  }, options.timeoutMs);
  try {
    const exit = await running.exited;
    if (isLate) throw new Error(`${command} did not end within ${options.timeoutMs} ms:\n${running.stdout()}\n${running.stderr()}`);
    return { ...exit, stdout: running.stdout(), stderr: running.stderr() };
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a process runs. One that ended and was not yet reaped by its parent does not. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}

function killGroup(pid: number): void {
  if (!groups.has(pid)) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // ESRCH: nobody of the group is left, which is what was wanted.
  }
}
