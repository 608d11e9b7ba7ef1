import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import { CliError, type ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";
import { refuseUnknownCommand } from "../unknown-command.ts";

interface StatusFlags {
  readonly json?: boolean;
  readonly plain?: boolean;
  readonly check?: boolean;
  readonly inUse?: boolean;
  readonly agent?: string;
}

export function addModelsStatus(models: Command, run: Runner): void {
  models
    .command("status", { isDefault: true })
    .description("show the configured models and the accounts behind them")
    .option("--json", "print JSON")
    .option("--plain", "print the default model and nothing else")
    .option("--check", "exit 1 when an account is expired or missing, 2 when one is about to expire")
    .option("--in-use", "with --check: only accounts that requests for the configured models would use")
    .option("--agent <id>", "the agent whose accounts to show")
    .allowExcessArguments()
    .action((_flags: unknown, command: Command) => {
      refuseUnknownCommand(command);
      return run((context) => runModelsStatus(context, command.optsWithGlobals()));
    });
}

/** Shows what is stored. Opens no connection and runs no command. */
async function runModelsStatus(context: Pick<CliContext, "io" | "home" | "clock">, flags: StatusFlags): Promise<ExitCode> {
  if (flags.inUse && !flags.check) throw new CliError("--in-use goes with --check.");
  if (flags.json && flags.plain) throw new CliError("Choose either --json or --plain, not both.");
  const [home, { createStatusReport }, { checkExit, profilesInUse }, { renderStatus }] = await Promise.all([
    context.home(),
    import("../../status-report.ts"),
    import("../../status-check.ts"),
    import("../../render/status.ts"),
  ]);
  const query = { now: context.clock.now(), ...(flags.agent !== undefined && { agentId: flags.agent }) };
  const report = createStatusReport(home, query);
  if (flags.json) context.io.out(JSON.stringify(report, null, 2));
  else if (flags.plain) context.io.out(report.resolvedDefault);
  else context.io.out(renderStatus(report, home.current.paths.display));
  if (!flags.check) return 0;
  return checkExit(report, flags.inUse ? profilesInUse(home, flags.agent).used : undefined);
}
