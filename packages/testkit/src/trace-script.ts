import { findProgram } from "./find-program.ts";
import { startProcess, type RunningProcess } from "./run-process.ts";
import { said } from "./scripts.ts";
import { createTempHome } from "./temp-home.ts";

/** What a traced script did. */
export interface TracedScript {
  /** What it said first after it went on; nothing when it was killed before. */
  readonly outcome: unknown;
  /** The system calls it made from then on, one per line. */
  readonly calls: string;
}

const strace = findProgram("strace");

/** Whether {@link traceScript} works here: `strace` is installed. */
export const canTrace: boolean = strace !== undefined;

/** The calls that can change what is on the disk, or come between them. */
const CALLS = "openat,write,pwrite64,fsync,fdatasync,fchmod,close,rename,renameat,renameat2,link,unlink";

/**
 * Lets a script that waits in `go()` go on to its end while strace writes down its calls to the file system. strace
 * attaches when everything is loaded, so that the calls it counts are those that come after.
 *
 * @param inject What strace does to one of them: fail (`rename:error=EIO:when=1`), or kill the process on entering
 * (`rename:signal=KILL:when=1`). Empty: nothing.
 */
export async function traceScript(running: RunningProcess, inject: string): Promise<TracedScript> {
  const place = await createTempHome();
  try {
    const injection = inject === "" ? [] : ["-e", `inject=${inject}`];
    const args = ["-f", "-o", `${place.path}/calls`, "-e", `trace=${CALLS}`, ...injection, "-p", String(running.pid)];
    const tracer = await startProcess(strace ?? "strace", args, { env: {} });
    try {
      await tracer.waitForOutput(/attached/, 20_000);
      running.signal("SIGUSR2");
      await running.exited;
      await tracer.exited;
    } finally {
      await tracer.stop();
    }
    return { outcome: said(running.stdout())[1], calls: await place.read("calls") };
  } finally {
    await running.stop();
    await place.remove();
  }
}
