import { setTimeout as sleep } from "node:timers/promises";
import { send, type Bench } from "./measures.ts";
import type { Proxy } from "./processes.ts";
import { residentOf } from "./process-usage.ts";

/** By how many MiB a new process grows at most under 64 connections. */
export async function growthOf(start: () => Promise<Proxy>, bench: Bench): Promise<number> {
  const proxy = await start();
  // What a program needs once, it has from the first request on.
  await send(proxy, { ...bench, sampleMs: 100 }, { kind: "json", connections: 1 });
  await sleep(500);
  const before = await residentOf(proxy.pid);
  const ended = new AbortController();
  const watching = mostResident(proxy.pid, ended.signal);
  await send(proxy, bench, { kind: "json", connections: 64 });
  ended.abort();
  const most = await watching;
  await proxy.stop();
  return most - before;
}

async function mostResident(pid: number, signal: AbortSignal): Promise<number> {
  let most = 0;
  while (!signal.aborted) {
    most = Math.max(most, await residentOf(pid));
    await sleep(50);
  }
  return most;
}
