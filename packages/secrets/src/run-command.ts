import { spawn, type ChildProcess } from "node:child_process";
import { dirname } from "node:path";
import { kill } from "node:process";
import type { Clock } from "./clock.ts";
import { isSameCommand, type CommandFile } from "./command-file.ts";

/** How a command is run. */
export interface RunCommandOptions {
  readonly args: readonly string[];
  /** Its whole environment. Names without a value are left out. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Given to its stdin, which is then closed. */
  readonly input: string;
  /** From its start to the end of its output. */
  readonly timeoutMs: number;
  /** Longest silence on stdout. */
  readonly noOutputTimeoutMs: number;
  readonly maxOutputBytes: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** How it went. Nothing of what the command wrote to stderr is kept. */
export type CommandResult =
  | { readonly status: "exited"; readonly code: number; readonly stdout: Buffer }
  | { readonly status: "killed"; readonly signal: string }
  /** `errno` is the system's code, such as `ENOENT` for a script whose interpreter is missing. */
  | { readonly status: "not-started"; readonly errno: string }
  | { readonly status: "timed-out" }
  | { readonly status: "silent" }
  | { readonly status: "too-much-output" }
  /** Another file was put in the command's place after it was checked. */
  | { readonly status: "replaced" };

/** How long those told to end may take, and how long a pipe may stay open that a daemon has inherited. */
const GRACE_MS = 500;

/**
 * Runs a checked command in its own folder: without a shell, without a terminal, and without any variable
 * that is not listed. It and what it started in its process group are gone when this settles.
 *
 * @throws the signal's reason, as it came, once the command is gone.
 */
export async function runCommand(file: CommandFile, options: RunCommandOptions): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  const run = start(file, options);
  const timers = new AbortController();
  try {
    const result = await Promise.race([accepted(run, file), ...watch(run, options, timers.signal)]);
    if (result.status !== "not-started") await stop(run, options.clock, timers.signal);
    options.signal?.throwIfAborted();
    return result;
  } finally {
    timers.abort();
    release(run);
  }
}

/** What has ended, unless it was another file than the one that was checked. */
async function accepted(run: Run, file: CommandFile): Promise<CommandResult> {
  const isSame = isSameCommand(file);
  const result = await run.ended;
  return result.status === "exited" && !(await isSame) ? { status: "replaced" } : result;
}

interface Run {
  readonly child: ChildProcess | undefined;
  /** Settles when the command exited and its output was read, or could not be started, or wrote too much. */
  readonly ended: Promise<CommandResult>;
  /** Settles when the command exited. Its output may still be under way. */
  readonly exited: Promise<void>;
  hasExited(): boolean;
  /** Told of every piece of output. */
  readonly output: EventTarget;
  /** Takes what an exited command wrote so far for all of it. */
  finish(): void;
}

function start(file: CommandFile, options: RunCommandOptions): Run {
  const ended = Promise.withResolvers<CommandResult>();
  const exited = Promise.withResolvers<void>();
  const output = new EventTarget();
  const chunks: Buffer[] = [];
  let size = 0;
  let exit: { readonly code: number | null; readonly signal: string | null } | undefined;
  const child = spawnFile(file, options, (errno) => ended.resolve({ status: "not-started", errno }));

  function finish(): void {
    const { code = null, signal = null } = exit ?? {};
    ended.resolve(
      code === null ? { status: "killed", signal: signal ?? "unknown" } : { status: "exited", code, stdout: Buffer.concat(chunks) },
    );
  }

  child?.once("exit", (code, signal) => {
    exit = { code, signal };
    killGroup(child, "SIGKILL"); // What it left behind in its group.
    exited.resolve();
  });
  child?.once("close", finish);
  child?.stdout?.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > options.maxOutputBytes) {
      child.stdout?.destroy();
      ended.resolve({ status: "too-much-output" });
      return;
    }
    chunks.push(chunk);
    output.dispatchEvent(new Event("output"));
  });
  // A command may end without reading what it is told, or leave a broken pipe.
  for (const pipe of [child?.stdin, child?.stdout]) pipe?.on("error", () => undefined);
  child?.stdin?.end(options.input);
  return { child, ended: ended.promise, exited: exited.promise, hasExited: () => exit !== undefined, output, finish };
}

/** Errors of `spawn` quote the command line, so that only their code is passed on. */
function spawnFile(file: CommandFile, options: RunCommandOptions, fail: (errno: string) => void): ChildProcess | undefined {
  const errnoOf = (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "unknown");
  try {
    const child = spawn(file.path, options.args, {
      argv0: file.name,
      cwd: dirname(file.path),
      env: Object.fromEntries(Object.entries(options.env).filter(([, value]) => value !== undefined)),
      stdio: ["pipe", "pipe", "ignore"],
      detached: true,
      shell: false,
    });
    child.on("error", (error) => fail(errnoOf(error)));
    return child;
  } catch (error) {
    fail(errnoOf(error));
    return undefined;
  }
}

/** What ends the wait before the command does. */
function watch(run: Run, { clock, timeoutMs, noOutputTimeoutMs, signal }: RunCommandOptions, over: AbortSignal): Promise<CommandResult>[] {
  const never = new Promise<never>(() => undefined);
  const after = (durationMs: number, until: AbortSignal) => clock.sleep(durationMs, until).catch(() => never);

  const late = after(timeoutMs, over).then((): CommandResult => ({ status: "timed-out" }));
  const silent = () =>
    new Promise<CommandResult>((resolve) => {
      let silence = new AbortController();
      const listen = () => {
        silence.abort();
        silence = new AbortController();
        void after(noOutputTimeoutMs, AbortSignal.any([over, silence.signal])).then(() => resolve({ status: "silent" }));
      };
      run.output.addEventListener("output", listen);
      listen();
    });
  // A daemon that left the process group may hold the pipe open for as long as it lives.
  void run.exited.then(() => after(GRACE_MS, over)).then(() => run.finish());
  // What it resolves with is not seen: the caller rejects with the signal's reason.
  const aborted = new Promise<CommandResult>((resolve) => {
    const onAbort = () => resolve({ status: "timed-out" });
    signal?.addEventListener("abort", onAbort, { once: true });
    over.addEventListener("abort", () => signal?.removeEventListener("abort", onAbort), { once: true });
  });
  return noOutputTimeoutMs < timeoutMs ? [late, silent(), aborted] : [late, aborted];
}

/** Asks the whole group to end, then makes it. */
async function stop(run: Run, clock: Clock, over: AbortSignal): Promise<void> {
  for (const name of ["SIGTERM", "SIGKILL"] as const) {
    if (!run.child || run.hasExited()) return;
    killGroup(run.child, name);
    const waiting = new AbortController();
    await Promise.race([run.exited, clock.sleep(GRACE_MS, AbortSignal.any([over, waiting.signal])).catch(() => undefined)]);
    waiting.abort();
  }
}

function killGroup(child: ChildProcess, name: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined) return;
  try {
    kill(-child.pid, name);
  } catch {
    // ESRCH: nobody of the group is left, which is what was wanted.
  }
}

/** Lets go of pipes that somebody else may still hold. */
function release({ child }: Run): void {
  child?.stdin?.destroy();
  child?.stdout?.destroy();
  child?.unref();
}
