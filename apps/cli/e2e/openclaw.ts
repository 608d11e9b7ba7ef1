import { fileURLToPath } from "node:url";
import { runProcess, startProcess, type ProcessResult, type RunningProcess, type TempHome } from "@openclaw/testkit";

/** The committed entry point, which runs the built bundle. */
export const BIN = fileURLToPath(new URL("../bin/openclaw.mjs", import.meta.url));

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
}

/**
 * Runs the built command line in a home of its own. Nothing of the test's environment reaches it. Whatever the test
 * is about, no key of the home or the environment may be in what it writes, unless it was asked for by name.
 */
export async function openclaw(home: TempHome, args: readonly string[], options: RunOptions = {}): Promise<ProcessResult> {
  const { env, ...rest } = options;
  const keys = [...(await keysIn(home)), ...keysOf(Object.values(env ?? {}).join("\n"))];
  const result = await runProcess(process.execPath, [BIN, ...args], {
    env: { ...home.env, TZ: "UTC", ...env },
    timeoutMs: 20_000,
    ...rest,
  });
  if (args.join(" ").startsWith("gateway token")) return result;
  const shown = keys.filter((key) => result.stdout.includes(key) || result.stderr.includes(key));
  if (shown.length > 0) throw new Error(`openclaw ${args.join(" ")} shows ${shown.join(", ")}`);
  return result;
}

/** What looks like a key in the files of a home. */
async function keysIn(home: TempHome): Promise<readonly string[]> {
  const files = (await home.list()).filter((file) => /(?:\.json|\.env|\.txt)$/u.test(file));
  return keysOf((await Promise.all(files.map((file) => home.read(file).catch(() => "")))).join("\n"));
}

function keysOf(text: string): readonly string[] {
  return text.match(/\b(?:sk-[\w-]{8,}|test-(?:key|canary|token|refresh|access)-[\w-]+)/gu) ?? [];
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
