import { resolve } from "node:path";
import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import { CliError, type ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";
import type { ServiceHost } from "../../service/service-host.ts";
import { addServingFlags, type ServingFlags } from "./gateway-flags.ts";

/** Flags of `gateway install`. */
export interface GatewayInstallFlags extends ServingFlags {
  readonly force?: boolean;
  readonly start?: boolean;
  readonly print?: boolean;
  readonly system?: boolean;
  readonly json?: boolean;
}

export function addGatewayInstall(gateway: Command, run: Runner): void {
  const command = gateway.command("install").description("keep the gateway running: a service of systemd or launchd");
  addServingFlags(command)
    .option("--no-start", "only write the file")
    .option("--force", "overwrite a file that was changed by hand, or serves another home")
    .option("--print", "print the file and change nothing")
    .option("--system", "with --print: a unit for root to put into /etc/systemd/system, more tightly closed in")
    .option("--json", "print JSON")
    .action((flags: GatewayInstallFlags) => run((context) => runGatewayInstall(context, flags)));
}

/** Installs the gateway as a service. 1 when it does not run afterwards although it should. */
export async function runGatewayInstall(
  context: Pick<CliContext, "io" | "env" | "isDev" | "paths" | "home">,
  flags: GatewayInstallFlags,
  host?: ServiceHost,
): Promise<ExitCode> {
  const { io, env } = context;
  const [{ findService }, { installService }, { requireLocalMode }, { createInstallReport }, patience, render, paths] = await Promise.all([
    import("../../service/installed-service.ts"),
    import("../../service/install-service.ts"),
    import("../../service/local-mode.ts"),
    import("../../service/install-report.ts"),
    import("../../service/with-patience.ts"),
    import("../../render/service-install.ts"),
    context.paths(),
  ]);
  const { port, bind, tokenFile, drainSeconds, force = false, start = true } = flags;
  if (port === 0)
    throw new CliError("A service needs a port that clients know, and 0 is another one at each start", "leave out --port, or choose one");
  const token = tokenFile === undefined ? undefined : resolve(paths.workingDirectory, tokenFile);
  const service = await findService(context, { port, bind, tokenFile: token, drainSeconds }, host);
  const home = await context.home();
  home.close();
  requireLocalMode(home.current.config, paths.display(paths.configPath), "The gateway is not installed");

  if (flags.system) {
    if (!flags.print)
      throw new CliError("Units of the machine are put in place by root", "see them with openclaw gateway install --system --print");
    const { systemUnit } = await import("../../service/system-unit.ts");
    io.out((await systemUnit(service)).trimEnd());
    io.err(render.systemUnitSteps);
    return 0;
  }
  if (flags.print) {
    io.out(service.wantedText.trimEnd());
    return 0;
  }
  const outcome = await patience.withPatience(io, patience.STILL_WORKING, installService(service, { force, start }));
  const report = await createInstallReport({ service, outcome, home: home.current, env });
  const hasFailed = outcome.start === "failed";
  if (flags.json) io.out(JSON.stringify(report, null, 2));
  else io[hasFailed ? "err" : "out"](render.renderInstall(report, paths.display));
  return hasFailed ? 1 : 0;
}
