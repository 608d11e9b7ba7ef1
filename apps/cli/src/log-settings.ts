import { readConfig } from "@openclaw/home";
import type { GatewayFlags } from "./commands/gateway/run.ts";
import type { CliContext } from "./context.ts";
import type { GatewayLogOptions } from "./gateway-log.ts";

/** How a gateway writes its log: flags win over `gateway.log`. @throws {HomeError} for a configuration that cannot be read. */
export async function logSettings(
  { paths }: Pick<CliContext, "paths">,
  { logFormat, logLevel }: GatewayFlags,
): Promise<Pick<GatewayLogOptions, "format" | "level">> {
  const { gateway } = await readConfig((await paths()).configPath);
  return { format: logFormat ?? gateway?.log?.format ?? "text", level: logLevel ?? gateway?.log?.level ?? "info" };
}
