import type { Health, HealthEntry } from "@openclaw/key-rotation";
import type { Candidate } from "@openclaw/secrets";
import type { SimulatedWindow } from "./simulation.ts";

/** Takes down every window that opens and closes. */
export interface WindowLog {
  /** Looks again. Whether something is another than before. */
  note(now: number): boolean;
  result(): readonly SimulatedWindow[];
}

/** Begins with the windows that are there, of these credentials and what they share. */
export function createWindowLog(health: Pick<Health, "inspect">, from: number, candidates: readonly Candidate[]): WindowLog {
  const origins = new Map(candidates.map(({ id, origin }) => [id, origin]));
  const buckets = new Set(candidates.flatMap(({ provider, bucket }) => (bucket === undefined ? [] : [`bucket:${provider}:${bucket}`])));
  const log: SimulatedWindow[] = [];
  /** Where the latest window of each is in the log. */
  const open = new Map<string, number>();

  function note(now: number, isKept: boolean): boolean {
    let isChanged = false;
    const seen = new Set<string>();
    for (const entry of health.inspect()) {
      const origin = origins.get(entry.id);
      if (origin === undefined && !buckets.has(entry.id)) continue;
      const key = keyOf(entry);
      seen.add(key);
      const index = open.get(key);
      const known = index === undefined ? undefined : log[index];
      const { until, reason, count } = entry.window;
      if (known?.until === until && known.count === count && known.reason === reason) continue;
      isChanged = true;
      close(key, now);
      open.set(key, log.length);
      const { id, model } = entry;
      log.push({ id, ...(origin !== undefined && { origin }), model, reason, count, openedAt: now, until, isKept });
    }
    for (const key of [...open.keys()].filter((each) => !seen.has(each))) {
      isChanged = true;
      close(key, now);
    }
    return isChanged;
  }

  function close(key: string, now: number): void {
    const index = open.get(key);
    const window = index === undefined ? undefined : log[index];
    open.delete(key);
    if (index !== undefined && window) log[index] = { ...window, closedAt: now };
  }

  note(from, true);
  return { note: (now) => note(now, false), result: () => log };
}

function keyOf({ id, store, model }: HealthEntry): string {
  return JSON.stringify([id, store, model]);
}
