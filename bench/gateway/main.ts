import { parseArgs } from "node:util";
import { describeLimited } from "./limited.ts";
import { describeLoopDelay } from "./loop-delay.ts";
import { growthOf } from "./memory.ts";
import { measures, send, type Bench, type Measure } from "./measures.ts";
import { startFloor, startGatewayProcess, startLoadGenerator, startMockProvider, type Proxy } from "./processes.ts";
import { heading, renderRatios, type Sample } from "./report.ts";

/** Compares the gateway with the lean floor, in one run, round by round. */

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "4" },
    seconds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    program: { type: "string", default: "built" },
    profiles: { type: "string" },
  },
});

const say = (line: string) => void process.stdout.write(`${line}\n`);
const rounds = Number(flags.rounds);
const program = flags.program === "source" ? "source" : "built";
const isChosen = (name: string) => name.includes(flags.only);

const provider = await startMockProvider();
const load = await startLoadGenerator();
const bench: Bench = { load, provider, sampleMs: Number(flags.seconds) * 1000 };
const startedFloor = () => startFloor({ provider, profiles: flags.profiles });
const startedGateway = () => startGatewayProcess({ provider, program, profiles: flags.profiles });

await compareRunning();
await compareGrowth();
if (isChosen("agents")) for (const line of await describeLoopDelay({ ...bench, sampleMs: 10_000 }, program)) say(line);
await Promise.all([load.stop(), provider.stop()]);

/** What is measured of processes that have run for a while. */
async function compareRunning(): Promise<void> {
  const chosen = measures.filter(({ name }) => isChosen(name));
  const hasLimited = isChosen("limited");
  if (chosen.length === 0 && !hasLimited) return;
  const [floor, gateway] = [await startedFloor(), await startedGateway()];
  const samples = new Map<Measure, Sample[]>(chosen.map((measure) => [measure, []]));
  for (const proxy of [floor, gateway]) await warmUp(proxy);
  for (let round = 0; round < rounds; round += 1) {
    // Whoever comes second may find the machine otherwise: they take turns.
    const order = round % 2 === 0 ? ([floor, gateway] as const) : ([gateway, floor] as const);
    for (const measure of chosen) samples.get(measure)?.push(await takeSample(measure, order));
  }
  say(heading);
  for (const [measure, taken] of samples) say(renderRatios(measure, taken));
  if (hasLimited) for (const line of await describeLimited(gateway, bench, rounds)) say(line);
  await Promise.all([floor.stop(), gateway.stop()]);
}

/** A gateway runs for months: what is compiled in its first seconds is nothing to go by. */
async function warmUp(proxy: Proxy): Promise<void> {
  const warming = { ...bench, sampleMs: Math.min(bench.sampleMs * 2, 8000) };
  for (const kind of ["json", "large", "stream", "first"])
    await send(proxy, warming, { kind, connections: 32, isStream: kind.startsWith("s") });
}

async function compareGrowth(): Promise<void> {
  const measure = { name: "memory growth, 64 connections", unit: "MiB", target: { atMost: 1.15 } } as const;
  if (!isChosen(measure.name)) return;
  const samples: Sample[] = [];
  for (let round = 0; round < rounds; round += 1) {
    samples.push({ floor: await growthOf(startedFloor, bench), gateway: await growthOf(startedGateway, bench) });
  }
  say(renderRatios(measure, samples));
}

async function takeSample({ isAdded, take }: Measure, order: readonly Proxy[]): Promise<Sample> {
  const direct = isAdded ? await take(provider, bench) : 0;
  const taken = { floor: Number.NaN, gateway: Number.NaN };
  for (const proxy of order) taken[proxy.name] = (await take(proxy, bench)) - direct;
  return taken;
}
