import { chown } from "node:fs/promises";
import { createTempHome, runProcess, startProcess, type ProcessResult, type RunningProcess, type TempHome } from "@openclaw/testkit";

/** The user without rights that permission cases run as. */
export const NOBODY = 65_534;

const source = (file: string): string => JSON.stringify(new URL(`../src/${file}`, import.meta.url).href);

/**
 * What every script begins with. `args` are its arguments, `go()` says that it is ready and waits for
 * SIGUSR2, `report` prints what became of a promise, `dropRights` makes a process of root's one of nobody's.
 */
const PRELUDE = `
import * as fs from "node:fs";
import { createPrivateFile, readPrivateFile, writePrivateFile } from ${source("private-file.ts")};
import { createLockFolder } from ${source("lock.ts")};
const args = process.argv.slice(1);
const say = (value) => fs.writeSync(1, JSON.stringify(value) + "\\n");
const report = (promise) => promise.then(
  (value) => say({ value: value ?? null }),
  (error) => say({ code: error.code, message: error.message, cause: error.cause?.code }),
);
const go = () => new Promise((resolve) => {
  const alive = setInterval(() => undefined, 60_000);
  process.once("SIGUSR2", () => { clearInterval(alive); resolve(); });
  say("ready");
});
const dropRights = () => {
  if (process.getuid() !== 0) return;
  process.setgroups([]);
  process.setgid(${NOBODY});
  process.setuid(${NOBODY});
};
`;

export interface ScriptOptions {
  readonly args?: readonly string[];
  /** Programs that start it: `["strace", "-f", ...]`. */
  readonly under?: readonly string[];
}

const command = (script: string, { args = [], under = [] }: ScriptOptions): [string, string[]] => {
  const [first = process.execPath, ...rest] = [
    ...under,
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    "--input-type=module",
    "-e",
    PRELUDE + script,
    ...args,
  ];
  return [first, rest];
};

// One thread for files, so that strace, which counts calls by thread, counts all of them together.
const environment = { PATH: process.env["PATH"], UV_THREADPOOL_SIZE: "1" };

/** Runs a script to its end. */
export function runScript(script: string, options: ScriptOptions = {}): Promise<ProcessResult> {
  return runProcess(...command(script, options), { env: environment, timeoutMs: 50_000 });
}

/** Starts a script and waits until it is ready. */
export async function startScript(script: string, options: ScriptOptions = {}): Promise<RunningProcess> {
  const running = await startProcess(...command(script, options), { env: environment });
  await running.waitForOutput(/"ready"/, 30_000);
  return running;
}

/** The lines a script said. */
export function said(output: string): readonly unknown[] {
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}

/** A home that belongs to nobody where the tests run as root. */
export async function createNobodyHome(): Promise<TempHome> {
  const home = await createTempHome();
  if (process.getuid?.() === 0) await chown(home.path, NOBODY, NOBODY);
  return home;
}
