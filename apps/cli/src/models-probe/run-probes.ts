import { probe, type ProbeFetch } from "@openclaw/providers";
import type { Clock } from "@openclaw/secrets";
import type { ProbeChoice } from "./probe-flags.ts";
import type { ProbedResult } from "./probe-report.ts";
import type { ProbeTarget } from "./probe-targets.ts";

/** What questions are asked with. */
export interface ProbeTools {
  /** `isLocal` permits private addresses. */
  readonly fetch: (isLocal: boolean) => ProbeFetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Asks what there is to ask, so many at once, and returns how each fared in the order of the targets. Each has its own
 * deadline, so that all of them together take no longer than one batch after the other would.
 *
 * @throws the signal's reason, once it is aborted.
 */
export async function runProbes(targets: readonly ProbeTarget[], choice: ProbeChoice, tools: ProbeTools): Promise<readonly ProbedResult[]> {
  const results = new Map<ProbeTarget, ProbedResult>();
  const queue = targets.values();
  async function work(): Promise<void> {
    for (const target of queue) results.set(target, { ...target.account, ...(await verdictOf(target, choice, tools)) });
  }
  await Promise.all(Array.from({ length: Math.min(choice.concurrency, targets.length) }, work));
  return targets.flatMap((target) => results.get(target) ?? []);
}

async function verdictOf(target: ProbeTarget, { timeoutMs, maxTokens }: ProbeChoice, tools: ProbeTools) {
  if ("known" in target) return target.known;
  const { isLocal, ...question } = target.question;
  const { clock, signal } = tools;
  const { failure, ...result } = await probe({ ...question, timeoutMs, maxTokens, clock, signal, fetch: tools.fetch(isLocal) });
  return {
    ...result,
    ...(failure && { rule: failure.rule }),
    ...(failure?.retryAt !== undefined && { retryAt: failure.retryAt }),
  };
}
