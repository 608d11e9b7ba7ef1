import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import type { ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";
import type { AuditReport } from "../../secrets-audit/audit-types.ts";
import { refuseUnknownCommand } from "../unknown-command.ts";

/** Flags of `secrets audit`. */
interface SecretsAuditFlags {
  readonly json?: boolean;
  readonly check?: boolean;
  readonly allowExec?: boolean;
  readonly deep?: boolean;
  readonly history?: boolean;
}

export function addSecretsAudit(secrets: Command, run: Runner): void {
  secrets
    .command("audit")
    .description("find secrets in plaintext, references that lead nowhere, and known values where they should not be")
    .option("--json", "print JSON")
    .option("--check", "exit 1 when there is a finding")
    .option("--allow-exec", "run the commands of exec references")
    .option("--deep", "exit 1 when a known value stands in another place")
    .option("--history", "search the history of shells as well")
    .allowExcessArguments()
    .action((flags: SecretsAuditFlags, command: Command) => {
      refuseUnknownCommand(command);
      return run((context) => runSecretsAudit(context, flags));
    });
}

/** Where OpenClaw logs to unless told otherwise. */
const LOG_FOLDER = "/tmp/openclaw";

/** Looks at a home as it is. Writes nothing, and runs no command without `--allow-exec`. */
async function runSecretsAudit(context: Pick<CliContext, "io" | "env" | "clock" | "paths">, flags: SecretsAuditFlags): Promise<ExitCode> {
  try {
    const [paths, { createAudit }, { systemClock }] = await Promise.all([
      context.paths(),
      import("../../secrets-audit/report.ts"),
      import("@openclaw/secrets"),
    ]);
    const { report, redact } = await createAudit({
      paths,
      env: context.env,
      clock: { ...systemClock, now: () => context.clock.now() },
      allowExec: flags.allowExec === true,
      history: flags.history === true,
      logFolder: LOG_FOLDER,
      uid: process.getuid?.(),
    });
    if (flags.json) context.io.out(redact(JSON.stringify(report, null, 2)));
    else context.io.out(redact((await import("../../render/secrets-audit.ts")).renderAudit(report, paths.display)));
    return exitCodeOf(report, flags);
  } catch (error) {
    // An audit that was not finished must not look like one that found something: OpenClaw ends with 2 here.
    context.io.err(`secrets audit could not be finished: ${error instanceof Error ? error.message : "unknown error"}`);
    return 2;
  }
}

/** 2 for a reference that leads nowhere, whatever is asked; else 1 for what was asked for. */
function exitCodeOf({ status, summary }: AuditReport, { check, deep }: SecretsAuditFlags): ExitCode {
  if (status === "unresolved") return 2;
  return (check === true && status === "findings") || (deep === true && summary.valueFindingCount > 0) ? 1 : 0;
}
