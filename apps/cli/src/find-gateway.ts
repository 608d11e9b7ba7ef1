import { loadGatewayToken } from "@openclaw/gateway";
import type { HomeSnapshot } from "@openclaw/home";
import { readCredentialText, type Secret } from "@openclaw/secrets";
import { CliError } from "./exit.ts";
import { localGatewayUrl, parseGatewayUrl } from "./gateway-address.ts";

/** How a command was told where the gateway is. */
export interface GatewayLocation {
  readonly url?: string;
  readonly tokenFile?: string;
  /** For scripts of OpenClaw: an argument is in the process list, where everybody reads it. */
  readonly token?: string;
}

/** Where a gateway is, and what it wants to see. */
export interface FoundGateway {
  readonly url: URL;
  readonly token: Secret;
  /** Where the token is from. */
  readonly tokenOrigin: string;
}

/**
 * Finds the gateway that flags name, else this machine's. Its token is what `gateway token` would print;
 * a reference to a command is run for it.
 *
 * @throws {CliError} for an address the token must not be sent to, or a token that is none.
 * @throws {GatewayError} `token-unreadable` or `token-missing`.
 */
export async function findGateway(snapshot: HomeSnapshot, { url, tokenFile, token }: GatewayLocation): Promise<FoundGateway> {
  if (token !== undefined && tokenFile !== undefined) throw new CliError("Choose either --token-file or --token, not both.");
  const address = url === undefined ? localGatewayUrl(snapshot.config.gateway?.port) : parseGatewayUrl(url);
  if (token !== undefined) {
    const secret = readCredentialText(token);
    if (secret === undefined) throw new CliError("--token is empty, or holds characters no token has", "use --token-file");
    return { url: address, token: secret, tokenOrigin: "--token" };
  }
  const found = await loadGatewayToken({ snapshot, generate: false, ...(tokenFile !== undefined && { tokenFile }) });
  return { url: address, token: found.secret, tokenOrigin: found.origin };
}
