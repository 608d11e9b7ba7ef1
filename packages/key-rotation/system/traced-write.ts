import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, findProgram, startProcess, type TempHome } from "@openclaw/testkit";
import { said, startScript } from "./child.ts";

export const strace: string = findProgram("strace") ?? "";

export const FILE = "agent/auth-state.json";
const windowUntil = (until: number) => ({ windows: { m: { until, reason: "rate_limit", count: 1 } } });
export const OLD = `${JSON.stringify({ version: 1, credentials: { "p:old": windowUntil(1) } }, undefined, 2)}\n`;

/** The calls of an update that can change what is on the disk, or come between them. */
const CALLS = ["openat", "write", "pwrite64", "fsync", "fdatasync", "fchmod", "close", "rename", "link", "unlink"] as const;

export interface TracedWrite {
  /** What became of the update; nothing when the process was killed. */
  readonly outcome: unknown;
  readonly home: TempHome;
  /** The system calls of the update, one per line. */
  readonly calls: string;
}

/**
 * Lets a process update `agent/auth-state.json` (it adds `p:new`) while strace makes one of its system calls fail or kills
 * it there: `rename:signal=KILL:when=1`. strace attaches when everything is loaded and one other file was updated, so that
 * the calls it counts are those of this update alone.
 */
export async function traceWrite(inject: string): Promise<TracedWrite> {
  const home = await createTempHome({ [FILE]: OLD });
  const log = join(home.path, "trace.log");
  const script = `
    const store = storeAt(args[0], args[2]);
    await store.update((all) => all);
    await put(storeAt(args[1], args[2]), "p:warm", 1);
    await go();
    await report(put(store, "p:new", 2));
    process.kill(process.pid, "SIGKILL");`;
  const paths = [FILE, "warm/auth-state.json", "locks"].map((path) => join(home.path, path));
  const child = await startScript(script, { args: paths });
  const injection = inject === "" ? [] : ["-e", `inject=${inject}`];
  const tracer = await startProcess(strace, ["-f", "-o", log, "-e", `trace=${CALLS.join(",")}`, ...injection, "-p", String(child.pid)], {
    env: {},
  });
  try {
    await tracer.waitForOutput(/attached/, 20_000);
    child.signal("SIGUSR2");
    await child.exited;
    await tracer.exited;
  } finally {
    await Promise.all([child.stop(), tracer.stop()]);
  }
  return { outcome: said(child.stdout())[1], home, calls: await readFile(log, "utf8") };
}

/**
 * Every call a thread makes until the update has said what became of it, with its number on that thread, as strace
 * counts. The `write`s are left out: but for the name of the lock's holder they go from thread to thread, not to a file.
 */
export function stepsOf(calls: string): readonly (readonly [call: string, when: number])[] {
  const counts = new Map<string, number>();
  const steps = new Map<string, readonly [string, number]>();
  for (const line of calls.split("\n")) {
    if (line.includes(" write(1,")) break;
    const [, thread, call = ""] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (thread === undefined || call === "write") continue;
    const when = (counts.get(thread + call) ?? 0) + 1;
    counts.set(thread + call, when);
    steps.set(`${call} ${when}`, [call, when]);
  }
  return [...steps.values()];
}
