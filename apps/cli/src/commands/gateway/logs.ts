import { InvalidArgumentError, type Command } from "commander";
import type { CliContext } from "../../context.ts";
import { CliError, type ExitCode } from "../../exit.ts";
import type { Runner } from "../../program.ts";
import type { ServiceHost } from "../../service/service-host.ts";
import type { ServiceManager } from "../../service/service-manager.ts";

interface GatewayLogsFlags {
  readonly follow?: boolean;
  readonly lines?: number;
  readonly plain?: boolean;
}

const LINES = 100;

export function addGatewayLogs(gateway: Command, run: Runner): void {
  gateway
    .command("logs")
    .description("what the installed service wrote")
    .option("-f, --follow", "go on with what it writes next, until Ctrl-C")
    .option("-n, --lines <number>", `how many lines (default: ${LINES})`, parseLines)
    .option("--plain", "as the gateway wrote them, for programs")
    .action((flags: GatewayLogsFlags) => run((context) => runGatewayLogs(context, flags)));
}

/** Prints the log of the service. A gateway that runs elsewhere writes to where it was started. */
export async function runGatewayLogs(
  context: Pick<CliContext, "io" | "env" | "isDev" | "paths" | "interrupted">,
  flags: GatewayLogsFlags,
  host?: ServiceHost,
): Promise<ExitCode> {
  const { io } = context;
  const [{ findService }, { requireManager }, { printable }] = await Promise.all([
    import("../../service/installed-service.ts"),
    import("../../service/control-service.ts"),
    import("../../io.ts"),
  ]);
  const service = await findService(context, {}, host);
  if (service.text === undefined) {
    throw new CliError(
      "The gateway is not installed as a service, so nobody keeps what it writes",
      "one that runs in a terminal or a container writes to that terminal or the container's log",
    );
  }
  // A journal may be there for who cannot reach the manager. Of one that is not, nothing would ever come.
  if (!(await hasWritten(service.manager))) await requireManager(service);
  const ending = new AbortController();
  const { follow = false, lines = LINES, plain = false } = flags;
  if (follow) void context.interrupted().then(() => ending.abort());
  let count = 0;
  const onLine = (line: string) => {
    count += 1;
    io.out(printable(line));
  };
  const answer = await service.manager.logs({ lines, follow, isPlain: plain, onLine, signal: ending.signal });
  if (ending.signal.aborted) return 0;
  if (!answer.ok) throw new CliError(`The log cannot be read: ${answer.reason}`);
  if (count === 0) io.err("It has written nothing yet, or its log is not kept for you: openclaw gateway status");
  return 0;
}

async function hasWritten(manager: ServiceManager): Promise<boolean> {
  let isWritten = false;
  const onLine = () => (isWritten = true);
  await manager.logs({ lines: 1, follow: false, isPlain: true, onLine, signal: new AbortController().signal });
  return isWritten;
}

const MAX_LINES = 100_000;

function parseLines(text: string): number {
  const lines = Number(text);
  if (!/^\d+$/u.test(text) || lines > MAX_LINES) throw new InvalidArgumentError(`a number of lines from 0 to ${MAX_LINES}`);
  return lines;
}
