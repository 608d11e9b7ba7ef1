import type { CanaryProvider } from "./canary-provider.ts";
import { judgeArrivals } from "./arrivals.ts";
import type { Evidence, Observation } from "./evidence.ts";
import { askGateway } from "./gateway-requests.ts";
import { startOwn, type Ended } from "./own-program.ts";
import { exerciseCommands, gatewayCommands, type LaneOptions } from "./command-lane.ts";
import { evidenceOf, exitProblem, type Captured } from "./program-evidence.ts";

const TIMEOUT_MS = 30_000;
/** What Node prints about sockets and pipes, past every redactor. */
const NODE_DEBUG = "http,https,net,tls,stream,undici,fetch,child_process";

/** Runs a gateway of this installation, sends it requests, and ends it. */
export async function exerciseGateway(
  { program, scratch, signal }: LaneOptions,
  provider: CanaryProvider,
  fetch: typeof globalThis.fetch,
): Promise<Captured> {
  const start = (env: Readonly<Record<string, string>> = {}) =>
    startOwn(program, {
      args: ["gateway"],
      env: { ...scratch.env, ...env },
      cwd: scratch.path,
      timeoutMs: TIMEOUT_MS,
      signal,
    });
  const gateway = start();
  const evidence: Evidence[] = [];
  const observations: Observation[] = [];
  try {
    const [, url] = (await gateway.printed(/^Gateway: (http:\S+)$/mu)) ?? [];
    if (url === undefined) observations.push({ id: "gateway answers", status: "failed", reason: "the gateway did not start" });
    else {
      evidence.push(...(await askGateway({ url, scratch, fetch, signal })));
      const commands = await exerciseCommands(gatewayCommands, { program, scratch, signal });
      evidence.push(...commands.evidence);
      observations.push(...commands.observations);
    }
  } finally {
    gateway.stop();
  }
  const ended = await gateway.ended;
  observations.push(...failure("gateway", exitProblem(ended, [0])));
  evidence.push(...evidenceOf("gateway", ended, scratch));

  const talkative = await endTalkative(start({ NODE_DEBUG }));
  evidence.push(...evidenceOf("gateway under NODE_DEBUG", talkative, scratch));
  // 1: it refuses to start.
  observations.push(...failure("gateway under NODE_DEBUG", exitProblem(talkative, [0, 1])));
  return { evidence, observations: [...observations, judgeArrivals(provider.arrivals, scratch.providers)] };
}

function failure(id: string, reason: string | undefined): readonly Observation[] {
  return reason === undefined ? [] : [{ id, status: "failed", reason }];
}

/** It refuses to start, or it starts and is to print nothing all the same. */
async function endTalkative(gateway: ReturnType<typeof startOwn>): Promise<Ended> {
  if (await gateway.printed(/^Gateway: /mu)) gateway.stop();
  return gateway.ended;
}
