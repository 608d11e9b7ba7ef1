import { fork } from "node:child_process";
import { once } from "node:events";
import { chown, lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { geteuid } from "node:process";
import type { Job, JobResult } from "./unprivileged-child.ts";

/** A process that resolves references without any rights, and a folder it owns. */
export interface Unprivileged {
  readonly uid: number;
  readonly folder: string;
  resolve(job: Job): Promise<JobResult>;
  /** Gives a file or folder, and all below it, to the user of the process. Links are not followed. */
  give(path: string): Promise<void>;
  stop(): Promise<void>;
}

/** Whether another user than our own can be acted as at all. */
export const isRoot: boolean = geteuid?.() === 0;

/**
 * Starts a process that has loaded the code, then drops to uid and gid 65534 with no groups. Where we are not
 * root it runs as we do.
 */
export async function startUnprivileged(): Promise<Unprivileged> {
  const uid = isRoot ? 65_534 : (geteuid?.() ?? 0);
  const folder = await mkdtemp(join(tmpdir(), "openclaw-unprivileged-"));
  const child = fork(new URL("unprivileged-child.ts", import.meta.url), [String(uid)], {
    execArgv: ["--conditions=@openclaw/source"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await once(child, "message");

  async function give(path: string): Promise<void> {
    if (!isRoot) return;
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) return;
    await chown(path, uid, uid);
    if (stats.isDirectory()) for (const name of await readdir(path)) await give(join(path, name));
  }

  await give(folder);
  return {
    uid,
    folder,
    give,
    resolve(job) {
      const { promise, resolve } = Promise.withResolvers<JobResult>();
      child.once("message", (result: JobResult) => resolve(result));
      child.send(job);
      return promise;
    },
    async stop() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
