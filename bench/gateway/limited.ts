import { send, type Bench } from "./measures.ts";
import type { Proxy } from "./processes.ts";
import { median } from "./report.ts";

const CONNECTIONS = 16;
/** How long the provider refuses a key each time. */
const WINDOW_MS = 2_000;

/** What the gateway makes of a provider that refuses one of two keys, beside the same without that. Nothing of it reaches a client. */
export async function describeLimited(gateway: Proxy, bench: Bench, rounds: number): Promise<readonly string[]> {
  const ratios: number[] = [];
  const sum = { answers: 0, refusals: 0, late: 0 };
  for (let round = 0; round < rounds; round += 1) {
    await bench.provider.limit(0);
    const fine = await send(gateway, bench, { kind: "limited", connections: CONNECTIONS });
    await bench.provider.limit(WINDOW_MS);
    // Refusals that a client sees are failures, and end the run.
    const limited = await send(gateway, bench, { kind: "limited", connections: CONNECTIONS });
    const counted = await bench.provider.limit(0);
    ratios.push(limited.answers / limited.durationMs / (fine.answers / fine.durationMs));
    sum.answers += counted.answers;
    sum.refusals += counted.refusals;
    sum.late += counted.late;
  }
  const perThousand = (sum.refusals * 1000) / sum.answers;
  return [
    `one of two keys limited: throughput ${median(ratios).toFixed(3)} of that without (${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}; >= 0.95), no failure at a client`,
    `  ${sum.refusals} refusals in ${sum.answers} answers, ${perThousand.toFixed(2)} in 1,000 (<= 1); ${sum.late} came although one had been read (0)`,
  ];
}
