import { InvalidArgumentError, Option, type Command } from "commander";
import type { CliContext } from "../../context.ts";
import { CliError, type ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";

interface ReloadFlags {
  readonly json?: boolean;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly token?: string;
  readonly timeout?: number;
}

export function addSecretsReload(secrets: Command, run: Runner): void {
  secrets
    .command("reload")
    .description("let the running gateway resolve its secrets again")
    .option("--json", "print JSON")
    .option("--url <url>", "address of the gateway (default: this machine, gateway.port)")
    .option("--token-file <path>", "the file the gateway was started with")
    .addOption(new Option("--token <value>").hideHelp())
    .option("--timeout <ms>", "how long it may take (default: 30000, more where secrets.providers allow more)", parseTimeout)
    .action((flags: ReloadFlags) => run((context) => runSecretsReload(context, flags)));
}

/** Asks the gateway and says what came of it. 1 when it keeps what it had. */
async function runSecretsReload(context: Pick<CliContext, "io" | "home">, flags: ReloadFlags): Promise<ExitCode> {
  const { io } = context;
  if (flags.token !== undefined) {
    io.err("--token puts the gateway's token into the process list, where others can read it: use --token-file.");
  }
  const [home, { findGateway }, { createGatewayClient }, { gatewayError }, reports, { reloadTimeout }] = await Promise.all([
    context.home(),
    import("../../find-gateway.ts"),
    import("../../gateway-client.ts"),
    import("../../gateway-problem.ts"),
    import("../../reload-report.ts"),
    import("../../reload-timeout.ts"),
  ]);
  const { timeout: timeoutMs = reloadTimeout(home.current.config.secrets?.providers), ...location } = flags;
  const found = await findGateway(home.current, location);
  home.close();
  const reply = await createGatewayClient(found).ask({ method: "POST", path: "/api/v1/secrets/reload", body: {}, timeoutMs });
  if (reply.kind !== "answered") throw gatewayError(reply, found);

  const report = reports.readReloadReport(reply.body);
  if (report === undefined) {
    const message = reports.readGatewayMessage(reply.body);
    if (message !== undefined)
      throw new CliError(`The gateway did not reload: ${message}`, "nothing has changed: correct this and run it again");
    throw gatewayError({ kind: "odd", reason: `HTTP ${reply.status} and no report` }, found);
  }
  const isKept = report.outcome === "kept";
  if (flags.json) io.out(JSON.stringify(report, null, 2));
  else {
    const { renderReload } = await import("../../render/secrets-reload.ts");
    if (isKept) io.err(renderReload(report));
    else io.out(renderReload(report));
  }
  return isKept ? 1 : 0;
}

function parseTimeout(text: string): number {
  const timeoutMs = Number(text);
  if (!/^\d{1,9}$/u.test(text) || timeoutMs === 0) throw new InvalidArgumentError("a time is a number of milliseconds, such as 30000");
  return timeoutMs;
}
