import { join } from "node:path";
import { createTempHome, traceScript, type TempHome, type TracedScript } from "@openclaw/testkit";
import { startScript } from "./child.ts";

export const OLD = `${JSON.stringify({ version: 1, profiles: { "p:old": { type: "api_key", provider: "p", key: "test-key-old" } } }, undefined, 2)}\n`;

/** An update, what became of it, and where it was made. */
export interface TracedUpdate extends TracedScript {
  readonly home: TempHome;
}

/**
 * Lets a process update `agent/auth-profiles.json` (it adds `p:new`) while strace makes one of its system calls fail or kills
 * it there. One other store was updated before, so that the calls that are counted are those of this update alone.
 */
export async function traceUpdate(inject: string): Promise<TracedUpdate> {
  const home = await createTempHome({ "agent/auth-profiles.json": OLD });
  const script = `
    const storage = storageAt(args[0], args[2]);
    await storage.update((draft) => draft.store.version);
    await put(storageAt(args[1], args[2]), "p:warm", "test-key-warm");
    await go();
    await report(put(storage, "p:new", "test-key-new"));
    process.kill(process.pid, "SIGKILL");`;
  const paths = ["agent/auth-profiles.json", "warm/auth-profiles.json", "locks"].map((path) => join(home.path, path));
  return { ...(await traceScript(await startScript(script, { args: paths }), inject)), home };
}
