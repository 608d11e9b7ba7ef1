import { readBackoffStamp, writeBackoffStamp, type BackoffStamp, type ProviderBackoff } from "./backoff-stamp.ts";
import { systemClock, type Clock } from "./clock.ts";
import { SecretsError, type SecretsErrorCode } from "./errors.ts";
import type { ResolveOutcome, SecretResolver } from "./resolver.ts";
import { formatSecretRef, type SecretRef } from "./secret-ref.ts";
import type { BatchOptions, BatchResolver } from "./snapshot.ts";

/** What {@link withStartBackoff} takes. */
export interface StartBackoffOptions {
  readonly clock?: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  /** A private file that tells the next start which providers failed: aliases and times, no secret and no command. */
  readonly stampPath: string;
  /** Told when the stamp cannot be read or written. What is under way goes on without it. */
  readonly onStampError: (error: SecretsError) => void;
}

/** Pauses before the second and the third try of one start. */
const PAUSES_MS = [1_000, 3_000];
const SHORTEST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 300_000;
/** A failed start this long after the one before it is not one more in a row. */
const FORGOTTEN_AFTER_MS = 3_600_000;
/** How much of a pause is left to chance, so that many machines do not ask in step. */
const JITTER = 0.2;

const TRANSIENT: ReadonlySet<SecretsErrorCode> = new Set(["command-failed", "command-bad-output", "timed-out"]);

/** Whether what failed may go well when it is asked again, with nobody changing anything: a vault that is locked, busy or away. */
export function isTransient(code: SecretsErrorCode): boolean {
  return TRANSIENT.has(code);
}

/**
 * Carries a start over a provider that stumbles, and spares one that is down from a program that is started
 * again and again. As long as nothing was activated, references that fail for a transient reason are asked for
 * up to three times, the others once. A command that fails is then not run by the starts of the next 10
 * seconds, doubled with each such start up to 5 minutes: its references fail at once with
 * `provider-backing-off`. Success clears that. A reload is not held back, and its success clears it too.
 *
 * @example
 * const resolver = withStartBackoff(createSecretResolver({ env, providers }), { random, stampPath, onStampError });
 * const snapshot = createSecretSnapshot({ resolver, surfaces, onFailure: "isolate" });
 * await snapshot.activate();
 */
export function withStartBackoff(resolver: Pick<SecretResolver, "resolveAll">, options: StartBackoffOptions): BatchResolver {
  const { clock = systemClock, random, stampPath, onStampError } = options;
  let stamp: BackoffStamp = new Map();

  async function reporting<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error;
      onStampError(error);
      return undefined;
    }
  }

  async function remember(next: BackoffStamp): Promise<void> {
    const isSame = next.size === stamp.size && [...next].every(([alias, { until }]) => stamp.get(alias)?.until === until);
    stamp = next;
    if (!isSame) await reporting(writeBackoffStamp(stampPath, next));
  }

  function backoffAfter(failures: number): ProviderBackoff {
    const longestMs = Math.min(SHORTEST_BACKOFF_MS * 2 ** (failures - 1), LONGEST_BACKOFF_MS);
    return { failures, until: clock.now() + Math.round(longestMs * (1 - JITTER * random())) };
  }

  async function start(refs: readonly SecretRef[], { signal, allowExec }: BatchOptions): Promise<ReadonlyMap<string, ResolveOutcome>> {
    stamp = (await reporting(readBackoffStamp(stampPath))) ?? new Map();
    const before = asOf(stamp, clock.now());
    await remember(before);
    const outcomes = new Map<string, ResolveOutcome>();
    const asked: SecretRef[] = [];
    for (const ref of refs) {
      const backoff = ref.source === "exec" ? before.get(ref.provider) : undefined;
      if (backoff === undefined || backoff.until <= clock.now()) asked.push(ref);
      else outcomes.set(formatSecretRef(ref), { status: "failed", error: heldError(ref, backoff, stampPath) });
    }
    let failing = asked;
    for (const pauseMs of [0, ...PAUSES_MS]) {
      const isRetry = pauseMs > 0;
      if (isRetry) await clock.sleep(Math.round(pauseMs * (1 + JITTER * (2 * random() - 1))), signal);
      for (const [name, outcome] of await resolver.resolveAll(failing, { signal, allowExec, isRetry })) outcomes.set(name, outcome);
      failing = failing.filter((ref) => hasStumbled(ref, outcomes));
      // After each try: a program that is killed in the middle of its start is started again too.
      const next = new Map(stamp);
      for (const alias of commandsOf(asked)) next.delete(alias);
      for (const alias of commandsOf(failing)) next.set(alias, backoffAfter((before.get(alias)?.failures ?? 0) + 1));
      await remember(next);
      if (failing.length === 0) break;
    }
    return outcomes;
  }

  async function reload(refs: readonly SecretRef[], batch: BatchOptions): Promise<ReadonlyMap<string, ResolveOutcome>> {
    const outcomes = await resolver.resolveAll(refs, batch);
    const failing = commandsOf(refs.filter((ref) => hasStumbled(ref, outcomes)));
    const next = new Map(stamp);
    for (const alias of commandsOf(refs)) if (!failing.has(alias)) next.delete(alias);
    await remember(next);
    return outcomes;
  }

  return {
    resolveAll(refs, batch) {
      // What runs no command cannot storm, and leaves no file behind.
      if (!batch.allowExec) return resolver.resolveAll(refs, batch);
      return batch.isStart ? start(refs, batch) : reload(refs, batch);
    },
  };
}

/** What of a stamp still counts. A time beyond the longest was written by another clock. */
function asOf(stamp: BackoffStamp, now: number): BackoffStamp {
  const recent = [...stamp].filter(([, { until }]) => until > now - FORGOTTEN_AFTER_MS);
  return new Map(recent.map(([alias, { failures, until }]) => [alias, { failures, until: Math.min(until, now + LONGEST_BACKOFF_MS) }]));
}

function commandsOf(refs: readonly SecretRef[]): ReadonlySet<string> {
  return new Set(refs.filter((ref) => ref.source === "exec").map((ref) => ref.provider));
}

function hasStumbled(ref: SecretRef, outcomes: ReadonlyMap<string, ResolveOutcome>): boolean {
  const outcome = outcomes.get(formatSecretRef(ref));
  return outcome?.status === "failed" && isTransient(outcome.error.code);
}

function heldError(ref: SecretRef, { failures, until }: ProviderBackoff, stampPath: string): SecretsError {
  const times = failures === 1 ? "the last start" : `the last ${failures} starts`;
  return new SecretsError(
    "provider-backing-off",
    `${formatSecretRef(ref)}: secret provider "${ref.provider}" failed at ${times} and is not run before ${new Date(until).toISOString()}`,
    { hint: `mend the provider, then: rm '${stampPath}' (where the gateway runs: openclaw secrets reload)` },
  );
}
