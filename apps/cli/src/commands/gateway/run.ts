import type { EventLevel } from "@openclaw/gateway";
import { Option, type Command } from "commander";
import type { CliContext } from "../../context.ts";
import type { ExitCode } from "../../exit.ts";
import type { LogFormat } from "../../gateway-log.ts";
import type { Runner } from "../../program.ts";
import { refuseUnknownCommand } from "../unknown-command.ts";
import { addServingFlags, type ServingFlags } from "./gateway-flags.ts";

export interface GatewayFlags extends ServingFlags {
  readonly allowUnconfigured?: boolean;
  readonly logFormat?: LogFormat;
  readonly logLevel?: EventLevel;
}

export function addGatewayRun(gateway: Command, run: Runner): void {
  const command = gateway.command("run", { isDefault: true }).description("serve every configured model on one address (the default)");
  addServingFlags(command)
    .option("--allow-unconfigured", 'start although openclaw.json does not say gateway.mode "local"')
    .addOption(
      new Option("--log-format <format>", "lines for people, or JSON (default: gateway.log.format, else text)").choices(["text", "json"]),
    )
    .addOption(
      new Option("--log-level <level>", "from where on events are logged (default: gateway.log.level, else info)").choices([
        "debug",
        "info",
        "warn",
        "error",
      ]),
    )
    .allowExcessArguments()
    .action((flags: GatewayFlags, command: Command) => {
      refuseUnknownCommand(command);
      return run((context) => runGateway(context, flags));
    });
}

/** Serves until the process is asked to stop. The gateway and its HTTP client are loaded only here. */
async function runGateway(context: CliContext, flags: GatewayFlags): Promise<ExitCode> {
  const { serveGateway } = await import("../../serve-gateway.ts");
  try {
    return await serveGateway(context, flags);
  } catch (error) {
    const { logStartFailure } = await import("../../start-failure.ts");
    return logStartFailure(context, flags, error);
  }
}
