import { formatSecretRef, type Clock, type ResolveOutcome, type SecretRef, type SecretResolver } from "@openclaw/secrets";

/** What a reference led to just now, and how long its source took. */
interface Measured {
  readonly outcome: ResolveOutcome;
  /** `null` where nothing was asked. */
  readonly durationMs: number | null;
}

/** By `formatSecretRef`. */
export type Measurements = ReadonlyMap<string, Measured>;

export interface MeasureOptions {
  readonly resolver: SecretResolver;
  readonly clock: Pick<Clock, "now">;
  readonly allowExec: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks each source once for all that is wanted of it. Commands are run only where that is allowed.
 *
 * @throws the signal's reason, as it came.
 */
export async function measure(refs: readonly SecretRef[], { resolver, clock, allowExec, signal }: MeasureOptions): Promise<Measurements> {
  const measured = new Map<string, Measured>();
  const sources = Map.groupBy(refs, ({ source, provider }) => `${source}:${provider}`);
  const asking = [...sources.values()].map(async (wanted) => {
    const startedAt = clock.now();
    const outcomes = await resolver.resolveAll(wanted, { allowExec, signal });
    const durationMs = Math.max(0, clock.now() - startedAt);
    for (const ref of wanted) {
      const outcome = outcomes.get(formatSecretRef(ref));
      if (outcome) measured.set(formatSecretRef(ref), { outcome, durationMs: outcome.status === "skipped" ? null : durationMs });
    }
  });
  await Promise.all(asking);
  return measured;
}
