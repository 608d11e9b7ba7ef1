import { NOBODY_UID } from "./as-nobody.ts";
import { runProcess, startProcess, type ProcessResult, type RunningProcess } from "./run-process.ts";

/** What a script runs with. */
export interface ScriptOptions {
  /** Its `args`. */
  readonly args?: readonly string[];
  /** Programs that start it: `["unshare", "-m", ...]`. */
  readonly under?: readonly string[];
  /** Beside its own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Scripts that begin alike, each in a Node process of its own, which takes workspace packages from their sources. */
export interface Scripts {
  /** Runs a script to its end. */
  readonly runScript: (script: string, options?: ScriptOptions) => Promise<ProcessResult>;
  /** Starts a script and waits until it is ready, for which it has to call `go()`. */
  readonly startScript: (script: string, options?: ScriptOptions) => Promise<RunningProcess>;
}

const COMMON = `
import * as fs from "node:fs";
const args = process.argv.slice(1);
const say = (value) => fs.writeSync(1, JSON.stringify(value) + "\\n");
const report = (promise) => promise.then(
  (value) => say({ value: value ?? null }),
  (error) => say({ code: error.code, message: error.message, cause: error.cause?.cause?.code ?? error.cause?.code }),
);
const go = () => new Promise((resolve) => {
  const alive = setInterval(() => undefined, 60_000);
  process.once("SIGUSR2", () => { clearInterval(alive); resolve(); });
  say("ready");
});
const dropRights = () => {
  if (process.getuid() !== 0) return;
  process.setgroups([]);
  process.setgid(${NOBODY_UID});
  process.setuid(${NOBODY_UID});
};
`;

const FLAGS = ["--disable-warning=ExperimentalWarning", "--conditions=@openclaw/source", "--input-type=module"];

/**
 * Makes {@link Scripts} that all begin with a prelude, such as the imports of what is tested. Each of them also has `fs`;
 * `args`; `say`, which prints a value as a line ({@link said}); `report`, which says what became of a promise, with the
 * code of the error's innermost cause; `go()`, which says that it is ready and waits for SIGUSR2; and `dropRights`, which
 * makes a process of root's one of the user without rights.
 *
 * @example
 * const { startScript } = scriptsWith(`import { createLockFolder } from ${JSON.stringify(import.meta.resolve("@openclaw/secrets"))};`);
 * const holder = await startScript(`await createLockFolder(args[0]).withLock("name", go);`, { args: [folder] });
 * holder.signal("SIGUSR2");
 */
export function scriptsWith(prelude: string): Scripts {
  const command = (script: string, { args = [], under = [] }: ScriptOptions): [string, string[]] => {
    const [first = process.execPath, ...rest] = [...under, process.execPath, ...FLAGS, "-e", COMMON + prelude + script, ...args];
    return [first, rest];
  };
  // One thread for files, so that strace, which counts calls by thread, counts all of them together.
  const environment = (options: ScriptOptions) => ({ PATH: process.env["PATH"], UV_THREADPOOL_SIZE: "1", ...options.env });

  return {
    runScript: (script, options = {}) => runProcess(...command(script, options), { env: environment(options), timeoutMs: 55_000 }),
    async startScript(script, options = {}) {
      const running = await startProcess(...command(script, options), { env: environment(options) });
      await running.waitForOutput(/"ready"/, 30_000);
      return running;
    },
  };
}

/** What a script said, line by line. */
export function said(output: string): readonly unknown[] {
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}
