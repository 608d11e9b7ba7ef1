import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import type { ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";

export function addGatewayStart(gateway: Command, run: Runner): void {
  gateway
    .command("start")
    .description("start the installed service")
    .action(() => run(runGatewayStart));
}

/** Starts the installed service and waits until it serves. */
async function runGatewayStart(context: Pick<CliContext, "io" | "env" | "isDev" | "paths">): Promise<ExitCode> {
  const [{ findService }, { controlService }, { withPatience, STILL_WORKING }] = await Promise.all([
    import("../../service/installed-service.ts"),
    import("../../service/control-service.ts"),
    import("../../service/with-patience.ts"),
  ]);
  const service = await findService(context);
  await withPatience(context.io, STILL_WORKING, controlService(service, "start"));
  context.io.out("Started, and it serves.");
  return 0;
}
