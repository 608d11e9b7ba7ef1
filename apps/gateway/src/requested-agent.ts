import type { IncomingHttpHeaders } from "node:http";
import type { HomeSnapshot } from "@openclaw/home";
import { GatewayError } from "./errors.ts";

/**
 * Whose accounts and default model a request asks for by `x-openclaw-agent-id`; the default agent's without it.
 *
 * @throws {GatewayError} `agent-not-found`.
 */
export function requestedAgent(headers: IncomingHttpHeaders, { agents }: HomeSnapshot): string | undefined {
  const id = headers["x-openclaw-agent-id"];
  if (typeof id !== "string" || id === "") return undefined;
  if (agents.ids.includes(id)) return id;
  throw new GatewayError("agent-not-found", `There is no agent ${JSON.stringify(id)}`, {
    hint: "leave x-openclaw-agent-id out for the default agent; openclaw/<agentId> of GET /v1/models are those there are",
  });
}
