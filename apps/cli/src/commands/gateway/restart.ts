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
  const [{ findService }, { controlService }] = await Promise.all([
    import("../../service/installed-service.ts"),
    import("../../service/control-service.ts"),
  ]);
  const service = await findService(context);
  await controlService(service, "restart");
  context.io.out("Started again, and it serves.");
  return 0;
}
