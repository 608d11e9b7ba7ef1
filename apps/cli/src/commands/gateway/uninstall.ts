import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import type { ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";
import type { ServiceHost } from "../../service/service-host.ts";

interface GatewayUninstallFlags {
  readonly force?: boolean;
}

export function addGatewayUninstall(gateway: Command, run: Runner): void {
  gateway
    .command("uninstall")
    .description("stop the service and remove its file; accounts and configuration stay")
    .option("--force", "remove a file that was changed by hand too")
    .action((flags: GatewayUninstallFlags) => run((context) => runGatewayUninstall(context, flags)));
}

/** Removes the service. Nothing of the home is touched. */
export async function runGatewayUninstall(
  context: Pick<CliContext, "io" | "env" | "isDev" | "paths">,
  flags: GatewayUninstallFlags,
  host?: ServiceHost,
): Promise<ExitCode> {
  const { io } = context;
  const [{ findService }, { uninstallService }] = await Promise.all([
    import("../../service/installed-service.ts"),
    import("../../service/uninstall-service.ts"),
  ]);
  const service = await findService(context, {}, host);
  const { display } = service.paths;
  if (!(await uninstallService(service, { force: flags.force === true }))) io.out("Not installed as a service: nothing to do.");
  else io.out(`Removed ${display(service.manager.filePath)}. ${display(service.paths.stateDir)} is as it was.`);
  return 0;
}
