import { rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TempHome } from "@openclaw/testkit";
import type { Bench } from "./measures.ts";
import { askProbe, startFloor, startGatewayProcess, TOKEN, type GatewayProcessOptions, type Proxy } from "./processes.ts";

const AGENTS = 300;
const PROFILES = 50;
/** How much longer each read of a file takes. */
const READ_MS = 100;
const CHANGE_EVERY_MS = 500;

/** How long the event loop is held up with many accounts that are read slowly and change all the time, beside a bare proxy under the same load. */
export async function describeLoopDelay(bench: Bench, program: GatewayProcessOptions["program"]): Promise<readonly string[]> {
  const { provider } = bench;
  const env = { BENCH_READ_MS: String(READ_MS) };
  const agents = Array.from({ length: AGENTS }, (_, index) => `agent-${index}`);
  let home: TempHome | undefined;
  const probes = { floor: `/tmp/bench-probe-${process.pid}-floor`, gateway: `/tmp/bench-probe-${process.pid}-gateway` };
  const floor = await startFloor({ provider, env, probe: probes.floor });
  const gateway = await startGatewayProcess({
    provider,
    program,
    env,
    probe: probes.gateway,
    config: { agents: { defaults: { model: "json/m" }, list: agents.map((id) => ({ id })) } },
    async prepare(made) {
      home = made;
      for (const [index, id] of agents.entries()) await writeStore(made, id, index);
    },
  });
  const models = agents.map((id) => `openclaw/${id}`);
  const lines: string[] = [];
  for (const [proxy, probe] of [
    [floor, probes.floor],
    [gateway, probes.gateway],
  ] as const) {
    await loadOn(proxy, bench, models, 1000);
    await askProbe(probe);
    const changing = proxy === gateway && home ? changeStores(home, agents, bench.sampleMs) : undefined;
    const { p99 } = await loadOn(proxy, bench, models, bench.sampleMs);
    await changing;
    const { delayMs } = await askProbe(probe);
    lines.push(`  ${proxy.name}: held up ${delayMs.toFixed(1)} ms at most, p99 ${p99.toFixed(1)} ms`);
  }
  await Promise.all([floor.stop(), gateway.stop()]);
  return [`${AGENTS} agents of ${PROFILES} profiles, reads that take ${READ_MS} ms longer (within 50 ms of the floor's)`, ...lines];
}

async function loadOn(proxy: Proxy, { load }: Bench, models: readonly string[], durationMs: number) {
  const result = await load.run({
    port: proxy.port,
    path: proxy.path("json"),
    token: TOKEN,
    models,
    bodyBytes: 1000,
    isStream: false,
    connections: 32,
    durationMs,
    perSecond: 300,
  });
  if (result.failures > 0) throw new Error(`${result.failures} requests to the ${proxy.name} failed with ${result.failedWith}`);
  return result;
}

async function writeStore(home: TempHome, agentId: string, version: number): Promise<void> {
  const profiles = Object.fromEntries(
    Array.from({ length: PROFILES }, (_, index) => [
      `json:p${index}`,
      { type: "api_key", provider: "json", key: `test-key-of-${agentId}-${index}-in-version-${version}` },
    ]),
  );
  const file = `.openclaw/agents/${agentId}/agent/auth-profiles.json`;
  await home.write(`${file}.tmp`, { version: 1, profiles });
  await rename(join(home.path, `${file}.tmp`), join(home.path, file));
}

async function changeStores(home: TempHome, agents: readonly string[], durationMs: number): Promise<void> {
  for (let changes = 0; changes * CHANGE_EVERY_MS < durationMs - 1000; changes += 1) {
    await writeStore(home, agents[changes % agents.length] ?? "", 1000 + changes);
    await sleep(CHANGE_EVERY_MS);
  }
}
