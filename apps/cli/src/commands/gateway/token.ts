import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import type { ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";

interface GatewayTokenFlags {
  readonly tokenFile?: string;
}

export function addGatewayToken(gateway: Command, run: Runner): void {
  gateway
    .command("token")
    .description("print the token clients of the gateway need")
    .option("--token-file <path>", "the file the gateway was started with")
    .action((flags: GatewayTokenFlags) => run((context) => runGatewayToken(context, flags)));
}

/** Prints the token. The one command that shows a secret, because that is what it is asked for. */
async function runGatewayToken(context: Pick<CliContext, "io" | "home">, flags: GatewayTokenFlags): Promise<ExitCode> {
  const [home, { loadGatewayToken }] = await Promise.all([context.home(), import("@openclaw/gateway")]);
  const token = await loadGatewayToken({
    snapshot: home.current,
    generate: false,
    ...(flags.tokenFile !== undefined && { tokenFile: flags.tokenFile }),
  });
  context.io.secret(token.secret);
  return 0;
}
