import { InvalidArgumentError, Option, type Command } from "commander";

/** Where and how a gateway serves. */
export interface ServingFlags {
  readonly port?: number;
  readonly bind?: "loopback" | "lan";
  readonly tokenFile?: string;
  readonly drainSeconds?: number;
}

/** The flags of a gateway that runs here, and of one that is installed to. */
export function addServingFlags(command: Command): Command {
  return command
    .option("--port <number>", "port to listen on (default: gateway.port, else 18789)", parsePort)
    .addOption(new Option("--bind <where>", "who may connect: this machine, or the network").choices(["loopback", "lan"]))
    .option("--token-file <path>", "file that holds the token clients must show")
    .option("--drain-seconds <number>", "how long requests under way may take when it is stopped (default: 10)", parseSeconds);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/u.test(text) || port > 65_535) throw new InvalidArgumentError("a port is a number from 0 to 65535");
  return port;
}

const MAX_DRAIN_SECONDS = 3600;

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,4}$/u.test(text) || seconds > MAX_DRAIN_SECONDS) {
    throw new InvalidArgumentError(`a number of seconds from 0 to ${MAX_DRAIN_SECONDS}`);
  }
  return seconds;
}
