import { geteuid } from "node:process";
import { runProcess } from "./run-process.ts";

/** Whether a file system can be mounted here, in a mount namespace that nobody else sees. */
export async function isMountAllowed(): Promise<boolean> {
  if (geteuid?.() !== 0) return false;
  const args = ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"];
  return (await runProcess("/usr/bin/env", args, { env: {}, timeoutMs: 10_000 })).code === 0;
}

/** A disk that is soon full. */
export interface SmallDisk {
  /** Where it is mounted. Made where it is missing. */
  readonly folder: string;
  readonly sizeKib: number;
  /** Shell that runs in it first: `printf old > file && mount -o remount,ro "$0"`. `$0` is the folder. */
  readonly prepare: string;
}

/**
 * What starts a program in a folder that is a small disk of its own, which only the program sees and which ends with it:
 * `under` of a script.
 */
export function onSmallDisk({ folder, sizeKib, prepare }: SmallDisk): readonly string[] {
  const mount = `mkdir -p "$0" && mount -t tmpfs -o size=${sizeKib}k,mode=700 tmpfs "$0" && cd "$0"`;
  return ["/usr/bin/env", "unshare", "-m", "/bin/sh", "-c", `${mount} && ${prepare} && exec "$@"`, folder];
}
