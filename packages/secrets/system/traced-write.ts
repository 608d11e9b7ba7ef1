import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, findProgram, startProcess, type TempHome } from "@openclaw/testkit";
import { runScript, said, startScript } from "./child.ts";

export const strace: string = findProgram("strace") ?? "";

export interface TracedWrite {
  /** What became of the write; nothing when the process was killed. */
  readonly outcome: unknown;
  /** The files in the folder, and the target's content, afterwards. */
  readonly files: readonly string[];
  readonly content: string | undefined;
  /** The system calls, one per line. */
  readonly calls: string;
  /** Writes again, undisturbed, and lists what is there then. */
  writeAgain(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

const CALLS = "openat,pwrite64,fsync,fdatasync,fchmod,close,rename,renameat,renameat2,link,unlink";

/**
 * Lets a process write `state/auth.json` while strace makes one of its system calls fail or kills it there:
 * `rename:error=EIO:when=1`. strace attaches when everything is loaded and one file was written, so that
 * the calls it counts are those of this write alone.
 */
export async function traceWrite(inject: string, { create = false }: { readonly create?: boolean } = {}): Promise<TracedWrite> {
  const home = await createTempHome();
  const target = join(home.path, "state/auth.json");
  await home.write(create ? "state/other.json" : "state/auth.json", "old");
  const write = create ? "createPrivateFile" : "writePrivateFile";
  const log = join(home.path, "trace.log");
  const script = `
    await writePrivateFile(args[1], "warm");
    await createPrivateFile(args[1] + "2", "warm");
    await go();
    await report(${write}(args[0], "new"));`;
  const child = await startScript(script, { args: [target, join(home.path, "warm.json")] });
  const injection = inject === "" ? [] : ["-e", `inject=${inject}`];
  const tracer = await startProcess(strace, ["-f", "-o", log, "-e", `trace=${CALLS}`, ...injection, "-p", String(child.pid)], { env: {} });
  try {
    await tracer.waitForOutput(/attached/, 20_000);
    child.signal("SIGUSR2");
    await child.exited;
    await tracer.exited;
  } finally {
    await Promise.all([child.stop(), tracer.stop()]);
  }
  const files = await listState(home);
  return {
    outcome: said(child.stdout())[1],
    files,
    content: files.includes("auth.json") ? await home.read("state/auth.json") : undefined,
    calls: await readFile(log, "utf8"),
    async writeAgain() {
      const { code, stderr } = await runScript(
        `await ${write}(args[0], "again").catch((error) => { if (error.code !== "file-exists") throw error; });`,
        {
          args: [target],
        },
      );
      if (code !== 0) throw new Error(stderr);
      return listState(home);
    },
    remove: () => home.remove(),
  };
}

async function listState(home: TempHome): Promise<readonly string[]> {
  const files = (await home.list()).filter((file) => file.startsWith("state/") && file !== "state/other.json");
  return files.map((file) => file.slice("state/".length));
}
