import { fileURLToPath } from "node:url";
import { runProcess, startProcess, type ProcessResult, type RunningProcess, type TempHome } from "@openclaw/testkit";

/** The committed entry point, which runs the built bundle. */
export const BIN = fileURLToPath(new URL("../bin/openclaw.mjs", import.meta.url));

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
}

/** Runs the built command line in a home of its own. Nothing of the test's environment reaches it. */
export function openclaw(home: TempHome, args: readonly string[], options: RunOptions = {}): Promise<ProcessResult> {
  const { env, ...rest } = options;
  return runProcess(process.execPath, [BIN, ...args], { env: { ...home.env, TZ: "UTC", ...env }, timeoutMs: 20_000, ...rest });
}

/** Starts the built gateway and resolves with its address once it listens. */
export async function startOpenclawGateway(
  home: TempHome,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly url: string; readonly running: RunningProcess }> {
  const running = await startProcess(process.execPath, [BIN, ...args], { env: { ...home.env, ...env } });
  const [, url = ""] = await running.waitForOutput(/^Gateway: (http:\S+)$/mu, 20_000);
  return { url, running };
}
