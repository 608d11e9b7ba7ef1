import { createJsonLog } from "@openclaw/gateway";
import type { GatewayFlags } from "./commands/gateway/run.ts";
import type { CliContext } from "./context.ts";
import type { ExitCode } from "./exit.ts";
import { internalError, isExpected } from "./expected-error.ts";
import { logSettings } from "./log-settings.ts";
import { renderError } from "./render/error.ts";

/**
 * Ends a gateway that failed with a line of its log where that is JSON, for what reads it wants nothing else.
 *
 * @throws the error itself where the log is for people, or nobody can know because the configuration is what is broken.
 */
export async function logStartFailure(context: Pick<CliContext, "io" | "paths">, flags: GatewayFlags, error: unknown): Promise<ExitCode> {
  if ((await formatOf(context, flags)) !== "json") throw error;
  const log = createJsonLog({ write: (line) => context.io.out(line), redact: (line) => line });
  if (!isExpected(error)) {
    log.write("error", "internal", internalError(error));
    return 70;
  }
  const { hint } = error;
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  const text = renderError(error).replace(/^Error: /u, "");
  log.write("error", "start-failed", text, { ...code, ...(hint !== undefined && { hint }) });
  return 1;
}

async function formatOf(context: Pick<CliContext, "paths">, flags: GatewayFlags): Promise<string> {
  if (flags.logFormat !== undefined) return flags.logFormat;
  try {
    return (await logSettings(context, flags)).format;
  } catch {
    return "text";
  }
}
