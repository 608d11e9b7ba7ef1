import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import { CliError, type ExitCode } from "../../exit.ts";
import { printable } from "../../io.ts";
import { collect, readProbeFlags, type ProbeFlags } from "../../models-probe/probe-flags.ts";
import type { Runner } from "../../program.ts";
import { refuseUnknownCommand } from "../unknown-command.ts";

interface StatusFlags extends ProbeFlags {
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
    .option("--probe", "ask each provider one short question with each of its accounts, and say how that went")
    .option("--probe-provider <name>", "with --probe: this provider only")
    .option("--probe-profile <id>", "with --probe: these profiles only; more than once, or separated by commas", collect)
    .option("--probe-timeout <ms>", "with --probe: how long each may take (default: 8000)")
    .option("--probe-concurrency <n>", "with --probe: how many are asked at once (default: 2)")
    .option("--probe-max-tokens <n>", "with --probe: how many tokens a model may write (default: 8)")
    .option("--agent <id>", "the agent whose accounts to show")
    .allowExcessArguments()
    .action((_flags: unknown, command: Command) => {
      refuseUnknownCommand(command);
      return run((context) => runModelsStatus(context, command.optsWithGlobals()));
    });
}

/** Shows what is stored. Opens no connection and runs no command, unless accounts are to be tried out. */
async function runModelsStatus(context: Pick<CliContext, "io" | "home" | "clock" | "interrupted">, flags: StatusFlags): Promise<ExitCode> {
  if (flags.inUse && !flags.check) throw new CliError("--in-use goes with --check.");
  if (flags.json && flags.plain) throw new CliError("Choose either --json or --plain, not both.");
  if (flags.probe && flags.plain) throw new CliError("--probe cannot be used with --plain output.");
  const choice = readProbeFlags(flags);
  const [home, { knownHealth }, { createStatusReport }, { checkExit, profilesInUse }, { renderStatus }] = await Promise.all([
    context.home(),
    import("../../models-explain/known-health.ts"),
    import("../../status-report.ts"),
    import("../../status-check.ts"),
    import("../../render/status.ts"),
  ]);
  const { health, problems } = await knownHealth(home.current, context.clock);
  const query = { now: context.clock.now(), health, problems, ...(flags.agent !== undefined && { agentId: flags.agent }) };
  const report = createStatusReport(home, query);
  const exitCode = flags.check ? checkExit(report, flags.inUse ? profilesInUse(home, flags.agent).used : undefined) : 0;
  for (const warning of home.current.warnings) context.io.err(printable(`Warning: ${warning}`));
  if (flags.plain) {
    context.io.out(report.resolvedDefault);
    return exitCode;
  }
  if (!flags.probe) {
    context.io.out(flags.json ? JSON.stringify(report, null, 2) : renderStatus(report, home.current.paths.display));
    return exitCode;
  }

  const [{ probeAccounts }, { renderProbes }] = await Promise.all([
    import("../../models-probe/probe-accounts.ts"),
    import("../../render/probe.ts"),
  ]);
  const listed = report.auth.oauth.providers.map(({ provider }) => provider);
  const probes = await probeAccounts(context, { listed, agentId: flags.agent, choice });
  if (!probes) return 130;
  const text = () => `${renderStatus(report, home.current.paths.display)}\n\n${renderProbes(probes)}`;
  context.io.out(flags.json ? JSON.stringify({ ...report, auth: { ...report.auth, probes } }, null, 2) : text());
  return exitCode;
}
