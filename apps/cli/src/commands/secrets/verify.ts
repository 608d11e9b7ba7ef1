import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import { CliError, type ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";

interface VerifyFlags {
  readonly canary?: boolean;
  readonly json?: boolean;
}

export function addSecretsVerify(secrets: Command, run: Runner): void {
  secrets
    .command("verify")
    .description("test that this installation keeps secrets to itself")
    .option("--canary", "plant fake secrets in a home of their own, run everything there, and look for them in all that comes out")
    .option("--json", "print JSON")
    .action((flags: VerifyFlags) => run((context) => runSecretsVerify(context, flags)));
}

/** 0 when nothing got out, 1 when something did or not everything could be exercised. */
async function runSecretsVerify(context: Pick<CliContext, "io" | "clock" | "interrupted">, flags: VerifyFlags): Promise<ExitCode> {
  if (!flags.canary) throw new CliError("secrets verify does not know what to verify", "type openclaw secrets verify --canary");
  const [{ verifyCanary }, { renderVerify }] = await Promise.all([
    import("../../secrets-verify/verify-canary.ts"),
    import("../../render/secrets-verify.ts"),
  ]);
  const stop = new AbortController();
  void context.interrupted().then(() => stop.abort());
  try {
    const report = await verifyCanary({
      program: { nodePath: process.execPath, binPath: process.argv[1] ?? "" },
      platform: process.platform,
      uid: process.getuid?.(),
      now: () => context.clock.now(),
      fetch,
      signal: stop.signal,
    });
    context.io.out(flags.json ? JSON.stringify(report, null, 2) : renderVerify(report));
    return report.status === "clean" ? 0 : 1;
  } catch (error) {
    if (stop.signal.aborted) return 130;
    throw error;
  }
}
