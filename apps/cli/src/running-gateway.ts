import type { HomeSnapshot } from "@openclaw/home";
import { parseSecretRef, SecretsError, type SecretRef } from "@openclaw/secrets";
import { CliError } from "./exit.ts";
import type { GatewayQuestion } from "./gateway-client.ts";
import { gatewayProblem } from "./gateway-problem.ts";

/** What the gateway of this machine says, or why it says nothing. */
export type RunningGateway =
  | { readonly kind: "answered"; readonly url: string; readonly status: number; readonly body: unknown }
  | { readonly kind: "not-running" | "unknown"; readonly url?: string; readonly reason: string };

/**
 * Asks the gateway of this machine, for a command that also works without one: whatever is in the way is told, and stops
 * nothing. No command is run for its token unless that is allowed.
 */
export async function askRunningGateway(
  home: HomeSnapshot,
  question: GatewayQuestion,
  exec: "allow-exec" | "no-exec",
): Promise<RunningGateway> {
  if (exec === "no-exec" && tokenRef(home)?.source === "exec") {
    return { kind: "unknown", reason: "its token comes from a command, which was not run (--allow-exec)" };
  }
  const [{ findGateway }, { createGatewayClient }] = await Promise.all([import("./find-gateway.ts"), import("./gateway-client.ts")]);
  let found;
  try {
    found = await findGateway(home, {});
  } catch (error) {
    if (!(error instanceof CliError) && !(error instanceof Error && error.name === "GatewayError")) throw error;
    const isNew = "code" in error && error.code === "token-missing";
    return { kind: isNew ? "not-running" : "unknown", reason: error.message };
  }
  const url = found.url.origin;
  const reply = await createGatewayClient(found).ask(question);
  if (reply.kind === "answered") return { kind: "answered", url, status: reply.status, body: reply.body };
  return { kind: reply.kind === "absent" ? "not-running" : "unknown", url, reason: gatewayProblem(reply, found) };
}

function tokenRef({ config }: HomeSnapshot): SecretRef | undefined {
  try {
    return parseSecretRef(config.gateway?.auth?.token, config.secrets?.defaults ?? {});
  } catch (error) {
    if (error instanceof SecretsError) return undefined;
    throw error;
  }
}
