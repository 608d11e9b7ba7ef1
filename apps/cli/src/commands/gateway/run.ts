import { InvalidArgumentError, Option, type Command } from "commander";
import type { CliContext } from "../../context.ts";
import type { ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";
import { refuseUnknownCommand } from "../unknown-command.ts";

export interface GatewayFlags {
  readonly port?: number;
  readonly bind?: "loopback" | "lan";
  readonly tokenFile?: string;
  readonly allowUnconfigured?: boolean;
}

export function addGatewayRun(gateway: Command, run: Runner): void {
  gateway
    .command("run", { isDefault: true })
    .description("serve every configured model on one address")
    .option("--port <number>", "port to listen on (default: gateway.port, else 18789)", parsePort)
    .addOption(new Option("--bind <where>", "who may connect: this machine, or the network").choices(["loopback", "lan"]))
    .option("--token-file <path>", "file that holds the token clients must show")
    .option("--allow-unconfigured", 'start although openclaw.json does not say gateway.mode "local"')
    .allowExcessArguments()
    .action((flags: GatewayFlags, command: Command) => {
      refuseUnknownCommand(command);
      return run((context) => runGateway(context, flags));
    });
}

/** Serves until the process is asked to stop. The gateway and its HTTP client are loaded only here. */
async function runGateway(context: CliContext, flags: GatewayFlags): Promise<ExitCode> {
  const { serveGateway } = await import("../../serve-gateway.ts");
  return serveGateway(context, flags);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/u.test(text) || port > 65_535) throw new InvalidArgumentError("a port is a number from 0 to 65535");
  return port;
}
