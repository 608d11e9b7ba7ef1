import type { LoadJob, LoadResult } from "./load-job.ts";
import { TOKEN, type LoadGenerator, type MockProvider, type Proxy } from "./processes.ts";
import { cpuMsOf } from "./process-usage.ts";

/** What a measure is taken with. */
export interface Bench {
  readonly load: LoadGenerator;
  readonly provider: MockProvider;
  /** How long one sample takes. */
  readonly sampleMs: number;
}

/** Something that is measured of a proxy, and compared with the floor's. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  /** What the gateway's is to be, as a part of the floor's. */
  readonly target: { readonly atLeast: number } | { readonly atMost: number };
  /** Whether the same without a proxy is taken off both. */
  readonly isAdded: boolean;
  take(where: Where, bench: Bench): Promise<number>;
}

/** Where requests go: a proxy, or the provider itself. */
export type Where = Proxy | MockProvider;

type JobOptions = Partial<Pick<LoadJob, "bodyBytes" | "isStream" | "perSecond">> & { readonly kind: string; readonly connections: number };

/** A load that goes where it is told to, none of which may fail. */
export async function send(where: Where, bench: Bench, { kind, ...options }: JobOptions): Promise<LoadResult> {
  const result = await bench.load.run({
    port: where.port,
    path: "path" in where ? where.path(kind) : `/${kind}/v1/chat/completions`,
    token: TOKEN,
    models: [`${kind}/m`],
    bodyBytes: 1000,
    isStream: false,
    durationMs: bench.sampleMs,
    ...options,
  });
  if (result.failures > 0 || result.answers === 0) {
    const { failures, answers, failedWith } = result;
    throw new Error(`${failures} of ${failures + answers} requests failed (${kind}, port ${where.port}, status ${failedWith})`);
  }
  return result;
}

const perSecond = (kind: string, connections: number, bodyBytes: number) => async (where: Where, bench: Bench) => {
  const { answers, durationMs } = await send(where, bench, { kind, connections, bodyBytes });
  return (answers / durationMs) * 1000;
};

/** Microseconds of processor time for one answer. */
const cpuPerAnswer = (kind: string, connections: number, isStream: boolean) => async (where: Where, bench: Bench) => {
  if (!("pid" in where)) throw new Error("the provider's own processor time says nothing");
  const before = await cpuMsOf(where.pid);
  const { answers } = await send(where, bench, { kind, connections, isStream });
  return ((await cpuMsOf(where.pid)) - before) * (1000 / answers);
};

export const measures: readonly Measure[] = [
  { name: "requests/s, 16 connections", unit: "/s", target: { atLeast: 0.9 }, isAdded: false, take: perSecond("json", 16, 1000) },
  { name: "requests/s, 64 connections", unit: "/s", target: { atLeast: 0.9 }, isAdded: false, take: perSecond("json", 64, 1000) },
  { name: "requests/s, 32 kB each way", unit: "/s", target: { atLeast: 0.85 }, isAdded: false, take: perSecond("large", 16, 32_000) },
  { name: "CPU per request", unit: "µs", target: { atMost: 1.12 }, isAdded: false, take: cpuPerAnswer("json", 16, false) },
  { name: "CPU per stream of 50 chunks", unit: "µs", target: { atMost: 1.08 }, isAdded: false, take: cpuPerAnswer("stream", 32, true) },
  {
    name: "added p50, one connection",
    unit: "ms",
    target: { atMost: 1.3 },
    isAdded: true,
    take: async (where, bench) => (await send(where, bench, { kind: "json", connections: 1 })).p50,
  },
  {
    name: "added time to first byte of a stream",
    unit: "ms",
    target: { atMost: 1.5 },
    isAdded: true,
    take: async (where, bench) => (await send(where, bench, { kind: "first", connections: 1, isStream: true })).firstByteP50,
  },
  {
    name: "p99 at 500 requests/s",
    unit: "ms",
    target: { atMost: 1.5 },
    isAdded: false,
    take: async (where, bench) => (await send(where, bench, { kind: "json", connections: 64, perSecond: 500 })).p99,
  },
];
