import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import type { ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";
import type { ServiceHost } from "../../service/service-host.ts";

interface GatewayStatusFlags {
  readonly json?: boolean;
}

export function addGatewayStatus(gateway: Command, run: Runner): void {
  gateway
    .command("status")
    .description("whether the gateway is installed, runs and answers")
    .option("--json", "print JSON")
    .action((flags: GatewayStatusFlags) => run((context) => runGatewayStatus(context, flags)));
}

/** Shows how the service stands. 1 where no gateway answers. Needs no token and changes nothing. */
export async function runGatewayStatus(
  context: Pick<CliContext, "io" | "env" | "isDev" | "paths" | "clock">,
  flags: GatewayStatusFlags,
  host?: ServiceHost,
): Promise<ExitCode> {
  const { io, clock } = context;
  const [{ readConfig }, { findService }, { readServiceStatus }, { renderServiceStatus }] = await Promise.all([
    import("@openclaw/home"),
    import("../../service/installed-service.ts"),
    import("../../service/service-status.ts"),
    import("../../render/service-status.ts"),
  ]);
  const service = await findService(context, {}, host);
  const report = await readServiceStatus(service, await readConfig(service.paths.configPath));
  if (flags.json) io.out(JSON.stringify(report, null, 2));
  else io.out(renderServiceStatus(report, service.paths.display, clock.now()));
  return report.ok ? 0 : 1;
}
