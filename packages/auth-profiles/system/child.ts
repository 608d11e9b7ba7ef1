import { runProcess, startProcess, type ProcessResult, type RunningProcess } from "@openclaw/testkit";

/**
 * What every script begins with. `args` are its arguments, `go()` says that it is ready and waits for SIGUSR2,
 * `report` prints what became of a promise, `dropRights` makes a process of root's one of nobody's, `put` is an
 * update that stores one key.
 */
const PRELUDE = `
import * as fs from "node:fs";
import { createFileStorage } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
import { createLockFolder, Secret } from ${JSON.stringify(import.meta.resolve("@openclaw/secrets"))};
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
  process.setgid(65_534);
  process.setuid(65_534);
};
const storageAt = (storePath, locks) => createFileStorage({ storePath, locks: createLockFolder(locks) });
const keyOf = (text) => ({ type: "api_key", provider: "p", secret: Secret.of(text) });
const put = (storage, id, text) => storage.update((draft) => draft.put(id, keyOf(text)));
`;

export interface ScriptOptions {
  readonly args?: readonly string[];
  /** Programs that start it: `["unshare", "-m", ...]`. */
  readonly under?: readonly string[];
  /** Beside its own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const command = (script: string, { args = [], under = [] }: ScriptOptions): [string, string[]] => {
  const flags = ["--disable-warning=ExperimentalWarning", "--conditions=@openclaw/source", "--input-type=module"];
  const [first = process.execPath, ...rest] = [...under, process.execPath, ...flags, "-e", PRELUDE + script, ...args];
  return [first, rest];
};

// One thread for files, so that strace, which counts calls by thread, counts all of them together.
const environment = { PATH: process.env["PATH"], UV_THREADPOOL_SIZE: "1" };

/** Runs a script to its end. */
export function runScript(script: string, options: ScriptOptions = {}): Promise<ProcessResult> {
  return runProcess(...command(script, options), { env: { ...environment, ...options.env }, timeoutMs: 55_000 });
}

/** Starts a script and waits until it is ready. */
export async function startScript(script: string, options: ScriptOptions = {}): Promise<RunningProcess> {
  const running = await startProcess(...command(script, options), { env: { ...environment, ...options.env } });
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
