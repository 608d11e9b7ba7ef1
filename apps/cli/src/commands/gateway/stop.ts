import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import type { ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";

export function addGatewayStop(gateway: Command, run: Runner): void {
  gateway
    .command("stop")
    .description("stop the installed service, letting requests under way finish")
    .action(() => run(runGatewayStop));
}

/** Stops the installed service and waits until it has ended. It stays installed. */
async function runGatewayStop(context: Pick<CliContext, "io" | "env" | "isDev" | "paths">): Promise<ExitCode> {
  const [{ findService }, { controlService }, { withPatience, STILL_WORKING }] = await Promise.all([
    import("../../service/installed-service.ts"),
    import("../../service/control-service.ts"),
    import("../../service/with-patience.ts"),
  ]);
  const service = await findService(context);
  await withPatience(context.io, STILL_WORKING, controlService(service, "stop"));
  context.io.out(
    `Stopped.${service.manager.kind === "systemd" ? " It starts again with the machine, or your login: openclaw gateway uninstall ends that." : " It starts again at your next login: openclaw gateway uninstall ends that."}`,
  );
  return 0;
}
