import { join } from "node:path";
import { createTempHome, traceScript, type TempHome, type TracedScript } from "@openclaw/testkit";
import { startScript } from "./child.ts";

export const FILE = "agent/auth-state.json";
const windowUntil = (until: number) => ({ windows: { m: { until, reason: "rate_limit", count: 1 } } });
export const OLD = `${JSON.stringify({ version: 1, credentials: { "p:old": windowUntil(1) } }, undefined, 2)}\n`;

/** An update, what became of it, and where it was made. */
export interface TracedWrite extends TracedScript {
  readonly home: TempHome;
}

/**
 * Lets a process update `agent/auth-state.json` (it adds `p:new`) while strace makes one of its system calls fail or kills
 * it there. One other file was updated before, so that the calls that are counted are those of this update alone.
 */
export async function traceWrite(inject: string): Promise<TracedWrite> {
  const home = await createTempHome({ [FILE]: OLD });
  const script = `
    const store = storeAt(args[0], args[2]);
    await store.update((all) => all);
    await put(storeAt(args[1], args[2]), "p:warm", 1);
    await go();
    await report(put(store, "p:new", 2));
    process.kill(process.pid, "SIGKILL");`;
  const paths = [FILE, "warm/auth-state.json", "locks"].map((path) => join(home.path, path));
  return { ...(await traceScript(await startScript(script, { args: paths }), inject)), home };
}
