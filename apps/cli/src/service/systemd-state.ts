import { z } from "zod";
import type { ServiceState } from "./service-manager.ts";

/** What `systemctl show --timestamp=unix` is asked for. */
export const STATE_PROPERTIES = [
  "ActiveState",
  "SubState",
  "UnitFileState",
  "MainPID",
  "ActiveEnterTimestamp",
  "Result",
  "ExecMainCode",
  "ExecMainStatus",
  "NRestarts",
  "StatusText",
  "NeedDaemonReload",
  "DropInPaths",
] as const;

/** Reads what `systemctl show` printed. */
export function readSystemdState(text: string): ServiceState {
  const properties = new Map(text.split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  const valueOf = (name: (typeof STATE_PROPERTIES)[number]) => properties.get(name) || undefined;
  const active = valueOf("ActiveState") ?? "unknown";
  const pid = Number(valueOf("MainPID") ?? 0);
  // Between two attempts it is `activating`, and nothing runs.
  const isRunning = pid > 0;
  const since = /^@(\d+)$/u.exec(valueOf("ActiveEnterTimestamp") ?? "")?.[1];
  const restarts = Number(valueOf("NRestarts") ?? 0);
  const [statusText, dropIns] = [valueOf("StatusText"), valueOf("DropInPaths")];
  const lastExit = exitOf({ result: valueOf("Result"), code: valueOf("ExecMainCode"), status: valueOf("ExecMainStatus") });
  return {
    isEnabled: valueOf("UnitFileState") === "enabled",
    isRunning,
    state: `${active} (${valueOf("SubState") ?? "unknown"})`,
    ...(pid > 0 && { pid }),
    ...(active === "active" && since !== undefined && { since: Number(since) * 1000 }),
    ...(isRunning && statusText !== undefined && { statusText }),
    ...(lastExit !== undefined && { lastExit }),
    ...(restarts > 0 && { restarts }),
    ...(valueOf("NeedDaemonReload") === "yes" && { isStale: true }),
    ...(dropIns !== undefined && { dropIns: dropIns.split(" ") }),
  };
}

const exitSchema = z.object({ EXIT_CODE: z.string(), EXIT_STATUS: z.string() });

/** Reads the message by which systemd says that a process has ended, as `journalctl --output=json` prints it. */
export function readExitMessage(text: string): string | undefined {
  try {
    const { EXIT_CODE, EXIT_STATUS } = exitSchema.parse(JSON.parse(text));
    return EXIT_CODE === "exited" ? `exit code ${EXIT_STATUS}` : `ended by signal ${EXIT_STATUS}`;
  } catch {
    return undefined; // No such message, or a form that this version does not know.
  }
}

interface Exit {
  readonly result: string | undefined;
  /** As in `siginfo_t`: 1 exited, 2 killed, 3 dumped core; 0 of one that runs. */
  readonly code: string | undefined;
  readonly status: string | undefined;
}

/** Reasons that the code or the signal already says. */
const plainResults: ReadonlySet<string> = new Set(["success", "exit-code", "signal"]);

function exitOf({ result = "success", code, status }: Exit): string | undefined {
  const why = plainResults.has(result) ? "" : ` (${result})`;
  if (code === "1") return `exit code ${status}${status === "0" && why === "" ? ", as asked" : why}`;
  if (code === "2" || code === "3") return `ended by signal ${status}${why}`;
  return why === "" ? undefined : result;
}
