import { runProcess, startProcess, type ProcessResult, type RunningProcess } from "@openclaw/testkit";

/** The user without rights that permission cases run as. */
export const NOBODY = 65_534;

/**
 * What every script begins with. `args` are its arguments, `go()` says that it is ready and waits for SIGUSR2, `report`
 * prints what became of a promise, `dropRights` makes a process of root's one of nobody's. `putting` is a change that opens
 * a window, `gateway` a health with its keeper, and `fail` one attempt of it that is rate limited for a minute.
 */
const PRELUDE = `
import * as fs from "node:fs";
import { createFileHealthStore, createHealth, keepHealth } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)};
import { createLockFolder, systemClock } from ${JSON.stringify(import.meta.resolve("@openclaw/secrets"))};
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
  process.setgid(${NOBODY});
  process.setuid(${NOBODY});
};
const storeAt = (path, locks) => createFileHealthStore({ path, locks: createLockFolder(locks) });
const putting = (id, until) => (all) => ({
  ...all,
  credentials: new Map([...all.credentials, [id, { windows: { m: { until, reason: "rate_limit", count: 1 } } }]]),
});
const put = (store, id, until) => store.update(putting(id, until)).then(() => "put");
const gateway = async (path, locks) => {
  const health = createHealth({ clock: systemClock });
  const onError = (error) => say({ told: error.code });
  const ending = new AbortController();
  const keeper = await keepHealth({ health, stores: [{ store: "main", at: storeAt(path, locks) }], clock: systemClock, onError, signal: ending.signal });
  return { health, keeper };
};
const candidate = (id) => ({ id, provider: "p", origin: id, billing: "metered", hosts: [], store: "main", via: "profile", resolve: () => undefined });
const planOf = (id) => ({ provider: "p", model: "m", candidates: [candidate(id), candidate("another")], excluded: [] });
const begin = (health, id) => health.admit(candidate(id), planOf(id));
const limited = { class: "rate_limit", scope: "model", rule: "test" };
const windows = (health) => health.inspect().map(({ id, model, window: { until, reason, count } }) => ({ id, model, until, reason, count }));
`;

export interface ScriptOptions {
  readonly args?: readonly string[];
  /** Programs that start it: `["unshare", "-m", ...]`. */
  readonly under?: readonly string[];
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
  return runProcess(...command(script, options), { env: environment, timeoutMs: 55_000 });
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
