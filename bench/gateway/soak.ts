import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { askProbe, startGatewayProcess, startLoadGenerator, startMockProvider, TOKEN } from "./processes.ts";
import { descriptorsOf, residentOf } from "./process-usage.ts";

/** Sends very many requests and streams through one gateway, and tells at intervals what it holds. */

const { values: flags } = parseArgs({
  options: {
    requests: { type: "string", default: "100000" },
    streams: { type: "string", default: "10000" },
    reports: { type: "string", default: "10" },
    program: { type: "string", default: "built" },
  },
});

const say = (line: string) => void process.stdout.write(`${line}\n`);
const probe = `/tmp/bench-probe-${process.pid}-soak`;
const provider = await startMockProvider();
const load = await startLoadGenerator();
const gateway = await startGatewayProcess({ provider, program: flags.program === "source" ? "source" : "built", probe });

const reports = Number(flags.reports);
say(["requests", "streams", "resident MiB", "heap MiB", "descriptors", "listeners", "handles"].join("\t"));
let [requests, streams] = [0, 0];
for (let report = 0; report <= reports; report += 1) {
  if (report > 0) {
    requests += await send("json", Number(flags.requests) / reports, 64);
    streams += await send("stream", Number(flags.streams) / reports, 128);
  } else {
    await send("json", 5000, 64);
    await send("stream", 500, 128);
  }
  // Connections of the last load are closed by then.
  await sleep(1000);
  const { heapUsed, listeners, handles } = await askProbe(probe);
  const held = [(await residentOf(gateway.pid)).toFixed(1), heapUsed.toFixed(1), await descriptorsOf(gateway.pid), listeners, handles];
  say([requests, streams, ...held].join("\t"));
}
await Promise.all([gateway.stop(), load.stop(), provider.stop()]);

async function send(kind: "json" | "stream", most: number, connections: number): Promise<number> {
  const { answers, failures, failedWith } = await load.run({
    port: gateway.port,
    path: gateway.path(kind),
    token: TOKEN,
    models: [`${kind}/m`],
    bodyBytes: 1000,
    isStream: kind === "stream",
    connections,
    durationMs: Number.MAX_SAFE_INTEGER,
    most,
  });
  if (failures > 0) throw new Error(`${failures} requests failed with ${failedWith}`);
  return answers;
}
