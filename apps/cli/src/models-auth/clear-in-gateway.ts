import type { HomeSnapshot } from "@openclaw/home";
import { z } from "zod";
import { askRunningGateway } from "../running-gateway.ts";
import type { ClearRequest } from "./clear-cooldown.ts";

/** What the running gateway made of it. */
export interface GatewayClearing {
  readonly status: "cleared" | "not-running" | "unknown";
  readonly url?: string;
  /** How many windows it let go of that it still had: it may have read them from the files already. */
  readonly count: number;
  readonly reason?: string;
}

/** How long the gateway may take. It reads the files by itself, only later. */
const ANSWER_WITHIN_MS = 1_000;

const answerSchema = z.object({ cleared: z.array(z.unknown()) });

/**
 * Lets the gateway of this machine clear the same: what it could not write into a file is cleared nowhere else. That none
 * runs, or does not know what is meant, is nothing broken.
 */
export async function clearInGateway(home: HomeSnapshot, { target, provider, model, agentId }: ClearRequest): Promise<GatewayClearing> {
  const whose = target !== undefined ? { id: target } : provider !== undefined ? { provider } : { all: true };
  const question = {
    method: "POST",
    path: `/api/v1/health/clear${agentId === undefined ? "" : `?agent=${encodeURIComponent(agentId)}`}`,
    body: { ...whose, ...(model !== undefined && { model }) },
    timeoutMs: ANSWER_WITHIN_MS,
  } as const;
  const reply = await askRunningGateway(home, question, "no-exec");
  if (reply.kind !== "answered") {
    const { kind: status, ...rest } = reply;
    return { status, count: 0, ...rest };
  }
  const { url } = reply;
  const answer = answerSchema.safeParse(reply.body).data;
  if (answer) return { status: "cleared", url, count: answer.cleared.length };
  return { status: "unknown", url, count: 0, reason: `it answered with HTTP ${reply.status}` };
}
