import { isIP } from "node:net";
import { hostKind } from "@openclaw/providers";
import { CliError } from "./exit.ts";

/** Where a gateway listens unless it is told otherwise. */
export const DEFAULT_GATEWAY_PORT = 18_789;

/**
 * Reads `--url`. The token is sent there: https, or http to this machine.
 *
 * @throws {CliError} that names the rule and never the text, which may hold a password.
 */
export function parseGatewayUrl(text: string): URL {
  const url = URL.parse(text);
  const hint = "such as http://127.0.0.1:18789, or https:// for another machine";
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new CliError("--url must be the http or https address of a gateway", hint);
  }
  if (url.username !== "" || url.password !== "") {
    throw new CliError("--url must hold no user name and no password", "the token comes from --token-file");
  }
  if (url.search !== "" || url.hash !== "") throw new CliError("--url must end before any ? or #", hint);
  if (url.protocol === "http:" && !isThisMachine(url.hostname)) {
    throw new CliError("--url must be https: http would carry the gateway's token in clear", hint);
  }
  return url;
}

/** Other names that end in `.localhost` may be looked up in the network. */
function isThisMachine(hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/u, "$1");
  return hostname === "localhost" || (isIP(address) !== 0 && hostKind(hostname) === "loopback");
}

/**
 * The address of this machine's gateway.
 *
 * @throws {CliError} when it takes another port at each start.
 */
export function localGatewayUrl(port: number | undefined): URL {
  if (port === 0) throw new CliError("gateway.port is 0: nobody can know where the gateway listens", "name its address with --url");
  return new URL(`http://127.0.0.1:${port ?? DEFAULT_GATEWAY_PORT}`);
}
