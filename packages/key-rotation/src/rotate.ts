import type { Candidate, Clock, Credential } from "@openclaw/secrets";
import { onRateLimit, type Advance, type FailedAttempt } from "./advance.ts";
import { RotationError } from "./errors.ts";
import type { Failure, Settled } from "./failure.ts";
import type { Health, Ticket } from "./health/health.ts";
import type { Plan } from "./plan.ts";

/** What an attempt may want to know. */
export interface AttemptContext {
  /** 1 for the first attempt of this request. */
  readonly attempt: number;
  readonly candidate: Candidate;
  readonly signal: AbortSignal | undefined;
}

export type RotationEvent =
  | { readonly type: "failed"; readonly plan: Plan; readonly candidate: Candidate; readonly failure: Failure }
  | { readonly type: "rotated"; readonly plan: Plan; readonly from: Candidate; readonly to: Candidate; readonly failure: Failure }
  | { readonly type: "waited"; readonly plan: Plan; readonly durationMs: number };

export interface RotateOptions<T> {
  /** Judges how an attempt ended; `undefined` is success. */
  readonly classify: (settled: Settled<T>) => Failure | undefined;
  /** Rate limits only, unless given. */
  readonly advance?: Advance;
  readonly health?: Health;
  /** Frees an answer that is not handed on, such as a response whose body holds a connection. */
  readonly discard?: (value: T) => void;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RotationEvent) => void;
  /** When all credentials cool down: wait so long at most for the first to recover. 0 unless given; needs `clock`. */
  readonly maxWaitMs?: number;
  readonly clock?: Clock;
}

/**
 * Runs `attempt` with one credential of the plan after another, each at most once, until one does not
 * fail or the policy says to stop. The last provider's answer, or error, then comes back as it came.
 *
 * @throws {RotationError} `no-credentials` or `all-cooling` when nothing could be tried.
 *
 * @example
 * const response = await rotate(plan, (credential) => fetch(url, { headers: headersFor(credential) }), {
 *   classify: (settled) => (settled.status === "fulfilled" && settled.value.status === 429 ? rateLimited : undefined),
 * });
 */
export async function rotate<T>(
  plan: Plan,
  attempt: (credential: Credential, context: AttemptContext) => Promise<T>,
  options: RotateOptions<T>,
): Promise<T> {
  await waitForRecovery(plan, options);
  const advance = options.advance ?? onRateLimit;
  const history: FailedAttempt[] = [];
  let last: Settled<T> | undefined;
  let attempts = 0;

  for (const [index, candidate] of plan.candidates.entries()) {
    const ticket = options.health?.admit(candidate, plan);
    if (options.health && !ticket) continue;
    const previous = history.at(-1);
    let rejected: Credential | undefined;

    for (;;) {
      const resolved = await resolveCandidate(candidate, rejected, options.signal);
      releaseOnAbort(options, ticket, last);
      if (resolved.status === "fulfilled") {
        if (last?.status === "fulfilled") options.discard?.(last.value);
        if (previous && !rejected)
          options.onEvent?.({ type: "rotated", plan, from: previous.candidate, to: candidate, failure: previous.failure });
        attempts += 1;
        last = await settle(attempt(resolved.value, { attempt: attempts, candidate, signal: options.signal }));
        releaseOnAbort(options, ticket, last);
      } else {
        // A credential that cannot be had is no provider's answer: an earlier answer outlives it.
        last ??= resolved;
      }
      const settled = resolved.status === "fulfilled" ? (last ?? resolved) : resolved;
      const failure = options.classify(settled);
      if (!failure) {
        if (ticket) options.health?.settle(ticket, settled.status === "fulfilled" ? "ok" : "abandoned");
        return unwrap(settled);
      }
      history.push({ candidate, failure });
      options.onEvent?.({ type: "failed", plan, candidate, failure });
      const step = advance(failure, candidate, plan.candidates[index + 1], history);
      if (step === "same" && resolved.status === "fulfilled" && !rejected) {
        rejected = resolved.value;
        continue;
      }
      if (ticket) options.health?.settle(ticket, failure);
      if (step === "stop") return unwrap(last ?? settled);
      break;
    }
  }
  if (last) return unwrap(last);
  throw nothingToTry(plan, options.health);
}

/** Waits out the shortest window when every credential is in one and the wait is short enough. */
async function waitForRecovery<T>(plan: Plan, options: RotateOptions<T>): Promise<void> {
  const { clock, health, maxWaitMs = 0 } = options;
  const until = clock && maxWaitMs > 0 ? health?.earliest(plan) : undefined;
  if (!clock || until === undefined) return;
  const durationMs = until - clock.now();
  if (durationMs > maxWaitMs) return;
  options.onEvent?.({ type: "waited", plan, durationMs });
  await clock.sleep(durationMs, options.signal);
}

async function resolveCandidate(
  candidate: Candidate,
  rejected: Credential | undefined,
  signal: AbortSignal | undefined,
): Promise<Settled<Credential>> {
  return settle((async () => candidate.resolve({ ...(signal && { signal }), ...(rejected && { rejected }) }))());
}

/** An abort is rethrown as it came and counts as nothing. */
function releaseOnAbort<T>(options: RotateOptions<T>, ticket: Ticket | undefined, last: Settled<T> | undefined): void {
  if (!options.signal?.aborted) return;
  if (ticket) options.health?.release(ticket);
  if (last?.status === "fulfilled") options.discard?.(last.value);
  options.signal.throwIfAborted();
}

async function settle<V>(promise: Promise<V>): Promise<Settled<V>> {
  try {
    return { status: "fulfilled", value: await promise };
  } catch (reason) {
    return { status: "rejected", reason };
  }
}

function unwrap<V>(settled: Settled<V>): V {
  if (settled.status === "rejected") throw settled.reason;
  return settled.value;
}

function nothingToTry(plan: Plan, health: Health | undefined): RotationError {
  if (plan.candidates.length === 0) return new RotationError("no-credentials", `No API keys configured for provider "${plan.provider}".`);
  return new RotationError("all-cooling", `Every credential of ${plan.provider} is cooling down`, { cooling: health?.cooling(plan) ?? [] });
}
