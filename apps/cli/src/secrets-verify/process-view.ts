import { readFile } from "node:fs/promises";

/** What any process of this machine, or of this user, can see of a process. */
export interface ProcessView {
  readonly pid: number;
  /** Whether we started it ourselves, so that its environment is the one we gave it. */
  readonly isOwn: boolean;
  readonly cmdline: Buffer;
  readonly environ: Buffer;
}

/** Looks at a process and at all that it started. Nothing where there is no `/proc`, or where they have ended. */
export async function viewProcesses(pid: number, parent?: ProcessView): Promise<readonly ProcessView[]> {
  // In this order: where the arguments are already the child's own, so is the environment.
  const cmdline = await read(`/proc/${pid}/cmdline`);
  const environ = await read(`/proc/${pid}/environ`);
  const view = { pid, isOwn: parent === undefined, cmdline, environ };
  // Between fork and exec a child is still the image of its parent.
  const isThere = cmdline.length > 0 && !(parent && cmdline.equals(parent.cmdline) && environ.equals(parent.environ));
  const children = (await read(`/proc/${pid}/task/${pid}/children`)).toString("utf8").split(" ").map(Number);
  const inner = await Promise.all(children.filter((child) => child > 0).map((child) => viewProcesses(child, view)));
  return [...(isThere ? [view] : []), ...inner.flat()];
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch(() => Buffer.alloc(0)); // It has ended, or there is no such file system.
}
