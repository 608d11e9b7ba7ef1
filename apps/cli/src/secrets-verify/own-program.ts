import { spawn } from "node:child_process";
import { viewProcesses, type ProcessView } from "./process-view.ts";

/** How this installation is started. */
export interface OwnProgram {
  readonly nodePath: string;
  readonly binPath: string;
}

/** What it is started with. */
export interface StartOptions {
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** When it is killed. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** How it ended. */
export interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Itself and what it started, as far as it was seen. */
  readonly processes: readonly ProcessView[];
}

/** A program that runs. */
export interface Running {
  /** Resolves with the first match in what it prints; `undefined` when it ends first. */
  printed(pattern: RegExp): Promise<RegExpExecArray | undefined>;
  /** Asks it to end. */
  stop(): void;
  readonly ended: Promise<Ended>;
}

const LOOK_EVERY_MS = 20;

/** Starts this installation once more. What it prints is kept; what can be seen of it and its children is looked at all the while. */
export function startOwn({ nodePath, binPath }: OwnProgram, { args, env, cwd, timeoutMs, signal }: StartOptions): Running {
  const child = spawn(nodePath, [binPath, ...args], {
    env,
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    signal,
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const listeners = new Set<() => void>();
  const keep = (chunks: Buffer[]) => (chunk: Buffer) => {
    chunks.push(chunk);
    for (const listener of listeners) listener();
  };
  child.stdout.on("data", keep(stdout));
  child.stderr.on("data", keep(stderr));

  const views = new Map<string, ProcessView>();
  let looking: Promise<void> = Promise.resolve();
  const look = () => {
    const { pid } = child;
    if (pid === undefined) return;
    looking = looking.then(async () => {
      for (const view of await viewProcesses(pid)) views.set(`${view.pid} ${view.cmdline.toString("latin1")}`, view);
    });
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);

  const ended = new Promise<Ended>((resolve, reject) => {
    let failure: Error | undefined;
    child.once("error", (error) => {
      failure = error;
      if (child.pid === undefined) reject(error);
    });
    // Also after it was killed: until then it may write.
    child.once("close", (code) => {
      if (failure) reject(failure);
      void looking.then(() =>
        resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr), processes: [...views.values()] }),
      );
    });
  }).finally(() => clearInterval(timer));
  ended.catch(() => undefined); // Whoever awaits it learns of it.

  return {
    ended,
    stop: () => void child.kill("SIGTERM"),
    async printed(pattern) {
      const found = Promise.withResolvers<RegExpExecArray | undefined>();
      const search = () => {
        const match = pattern.exec(Buffer.concat(stdout).toString("utf8"));
        if (match) found.resolve(match);
      };
      listeners.add(search);
      search();
      void ended.then(() => found.resolve(undefined), found.reject);
      return found.promise.finally(() => listeners.delete(search));
    },
  };
}
