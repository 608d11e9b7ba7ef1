import { parseArgs } from "node:util";
import { measures, type Bench, type Measure } from "./measures.ts";
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

const provider = await startMockProvider();
const load = await startLoadGenerator();
const bench: Bench = { load, provider, sampleMs: Number(flags.seconds) * 1000 };
const floor = await startFloor({ provider, profiles: flags.profiles });
const gateway = await startGatewayProcess({
  provider,
  program: flags.program === "source" ? "source" : "built",
  profiles: flags.profiles,
});
const chosen = measures.filter(({ name }) => name.includes(flags.only));
const samples = new Map<Measure, Sample[]>(chosen.map((measure) => [measure, []]));

say(heading);
for (const measure of chosen) await takeSample(measure, { ...bench, sampleMs: 1000 }, [floor, gateway]);
for (let round = 0; round < Number(flags.rounds); round += 1) {
  // Whoever comes second may find the machine otherwise: they take turns.
  const order = round % 2 === 0 ? ([floor, gateway] as const) : ([gateway, floor] as const);
  for (const measure of chosen) samples.get(measure)?.push(await takeSample(measure, bench, order));
}
for (const [measure, taken] of samples) say(renderRatios(measure, taken));

await Promise.all([floor.stop(), gateway.stop(), load.stop(), provider.stop()]);

async function takeSample({ isAdded, take }: Measure, bench: Bench, order: readonly Proxy[]): Promise<Sample> {
  const direct = isAdded ? await take(provider, bench) : 0;
  const taken = { floor: Number.NaN, gateway: Number.NaN };
  for (const proxy of order) taken[proxy.name] = (await take(proxy, bench)) - direct;
  return taken;
}
