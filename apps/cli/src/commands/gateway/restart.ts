import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import type { ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";

export function addGatewayRestart(gateway: Command, run: Runner): void {
  gateway
    .command("restart")
    .description("restart the installed service, letting requests under way finish")
    .action(() => run(runGatewayRestart));
}

/** Restarts the installed service and waits until it serves. */
async function runGatewayRestart(context: Pick<CliContext, "io" | "env" | "isDev" | "paths">): Promise<ExitCode> {
  const [{ findService }, { controlService }, { withPatience, STILL_WORKING }] = await Promise.all([
    import("../../service/installed-service.ts"),
    import("../../service/control-service.ts"),
    import("../../service/with-patience.ts"),
  ]);
  const service = await findService(context);
  await withPatience(context.io, STILL_WORKING, controlService(service, "restart"));
  context.io.out("Started again, and it serves.");
  return 0;
}
