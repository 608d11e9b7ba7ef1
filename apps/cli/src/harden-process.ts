import type { Env } from "@openclaw/secrets";
import { CliError } from "./exit.ts";

/** What of a process is changed. */
export interface HardenedProcess {
  readonly platform: NodeJS.Platform;
  readonly report: { excludeEnv?: boolean } | undefined;
  on(signal: "SIGUSR1", listener: () => void): unknown;
}

/**
 * Closes the ways in which Node shows what a long-lived process holds: diagnostic reports leave out the
 * environment, and SIGUSR1 opens no debugger.
 *
 * @throws {CliError} where `NODE_DEBUG` is set: Node itself then prints what is sent and received, past every redactor.
 */
export function hardenProcess(process: HardenedProcess, env: Env): void {
  if (env["NODE_DEBUG"]?.trim()) {
    throw new CliError(
      "The gateway does not start: NODE_DEBUG is set, which makes Node print what is sent and received, keys included",
      "unset NODE_DEBUG; the gateway tells what it does on its own output",
    );
  }
  if (process.report) process.report.excludeEnv = true;
  // Windows has no such signal, and refuses a listener.
  if (process.platform !== "win32") process.on("SIGUSR1", () => undefined);
}
