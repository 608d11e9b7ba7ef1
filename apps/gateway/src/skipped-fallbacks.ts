/** A fallback that could not be asked: it does not speak the client's dialect, or has no credential. Told once. */
export interface FallbackSkipped {
  readonly type: "fallback-skipped";
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** What was told of fallbacks that are never asked. */
export interface SkippedFallbacks {
  notice(pair: Pick<FallbackSkipped, "from" | "to">, error: unknown): void;
}

/** Clients make up models, of which there is no end. */
const MOST_TOLD = 1000;

/** Tells each pair once, and not for each request. */
export function createSkippedFallbacks(onEvent: (event: FallbackSkipped) => void): SkippedFallbacks {
  const told = new Set<string>();
  return {
    notice(pair, error) {
      const name = JSON.stringify([pair.from, pair.to]);
      if (told.has(name)) return;
      if (told.size >= MOST_TOLD) told.clear();
      told.add(name);
      onEvent({ type: "fallback-skipped", ...pair, reason: error instanceof Error ? error.message : "unknown" });
    },
  };
}
