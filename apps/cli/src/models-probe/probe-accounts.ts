import { createSingleRequests } from "@openclaw/gateway";
import { systemClock } from "@openclaw/secrets";
import { nearest } from "@openclaw/home";
import type { CliContext } from "../context.ts";
import { unknownProvider } from "../models-auth/unknown-provider.ts";
import type { ProbeChoice } from "./probe-flags.ts";
import type { ProbeReport } from "./probe-report.ts";
import { probeTargets } from "./probe-targets.ts";
import { runProbes } from "./run-probes.ts";

/** What `models status` knows of the providers to try out. */
export interface ProbeQuery {
  readonly listed: readonly string[];
  readonly agentId: string | undefined;
  readonly choice: ProbeChoice;
}

/**
 * Tries accounts out with one small request each. Commands behind references are run, and a login that has ended is
 * refreshed and stored, as for a request; nothing else is written. `undefined` when a person interrupted it.
 */
export async function probeAccounts(
  context: Pick<CliContext, "home" | "io" | "clock" | "interrupted">,
  { listed, agentId, choice }: ProbeQuery,
): Promise<ProbeReport | undefined> {
  const stop = new AbortController();
  void context.interrupted().then(() => stop.abort());
  const requests = createSingleRequests();
  const startedAt = context.clock.now();
  try {
    const home = await context.home({ use: "probe", signal: stop.signal });
    try {
      const strange = choice.provider === undefined ? undefined : unknownProvider(home.current, choice.provider);
      if (strange !== undefined) context.io.err(`Warning: ${strange}`);
      const known = home.current.agents.find(agentId).profiles().ids();
      for (const id of choice.profileIds.filter((id) => !known.includes(id))) {
        const near = nearest(id, known);
        context.io.err(`Warning: no profile is called ${JSON.stringify(id)}${near.length > 0 ? `; there is ${near.join(", ")}` : ""}`);
      }
      const targets = probeTargets(home, { listed, choice, agentId });
      const clock = { ...systemClock, now: () => context.clock.now() };
      const tools = { clock, signal: stop.signal, fetch: requests.fetch };
      const results = await runProbes(targets, choice, tools);
      const finishedAt = context.clock.now();
      const totalTargets = targets.filter((target) => "question" in target).length;
      return { startedAt, finishedAt, durationMs: Math.max(0, finishedAt - startedAt), totalTargets, options: choice, results };
    } finally {
      home.close();
    }
  } catch (error) {
    if (stop.signal.aborted) return undefined;
    throw error;
  } finally {
    await requests.close();
  }
}
