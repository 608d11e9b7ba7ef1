import type { Candidate, Clock, Credential, Secret } from "@openclaw/secrets";
import { onRateLimit, type Advance, type FailedAttempt } from "./advance.ts";
import { createChoices, type Choice, type Choices } from "./choices.ts";
import type { Failure, Settled } from "./failure.ts";
import type { Headroom } from "./headroom.ts";
import type { Health } from "./health/health.ts";
import type { Ticket } from "./health/ticket.ts";
import { nothingToTry } from "./nothing-to-try.ts";
import type { Plan } from "./plan.ts";

/** What an attempt may want to know. */
export interface AttemptContext {
  /** 1 for the first attempt of this request. */
  readonly attempt: number;
  readonly candidate: Candidate;
  readonly signal: AbortSignal | undefined;
}

/** What happened on the way, for logs and metrics. */
export type RotationEvent =
  | { readonly type: "failed"; readonly plan: Plan; readonly candidate: Candidate; readonly failure: Failure }
  /** After a failure: it is left alone until then (epoch milliseconds), as it was not, or for longer than it was. */
  | { readonly type: "cooling"; readonly plan: Plan; readonly candidate: Candidate; readonly until: number; readonly reason: string }
  | { readonly type: "rotated"; readonly plan: Plan; readonly from: Candidate; readonly to: Candidate; readonly failure: Failure }
  /** The provider refused its secret, and another was got. */
  | { readonly type: "renewed"; readonly plan: Plan; readonly candidate: Candidate }
  | { readonly type: "waited"; readonly plan: Plan; readonly durationMs: number };

/** How attempts are judged, and what follows a failure. */
export interface RotateOptions<T> {
  /** Judges how an attempt ended; `undefined` is success, or an error that says nothing of the credential and is thrown at once. */
  readonly classify: (settled: Settled<T>) => Failure | undefined;
  /** Rate limits only, unless given. */
  readonly advance?: Advance;
  readonly health?: Health;
  /** Whose request it is: a session keeps its credential while that is healthy. Needs `health`. */
  readonly session?: string;
  /** What an answer says is left of the limits, which `health` goes by. */
  readonly measure?: (value: T) => readonly Headroom[];
  /**
   * When an answer that did not fail is over, for one that goes on after it was handed over: its credential is in use until
   * then, and a failure this resolves with is taken down. Nothing is sent again.
   */
  readonly ending?: (value: T) => Promise<Failure | undefined>;
  /** Frees an answer that is not handed on, such as a response whose body holds a connection. */
  readonly discard?: (value: T) => void;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RotationEvent) => void;
  /** When all credentials cool down: wait so long at most for the first to recover. 0 unless given; needs `clock`. */
  readonly maxWaitMs?: number;
  readonly clock?: Clock;
  /** From 0 up to 1: those who wait for the same moment do not all come at it. */
  readonly random?: () => number;
}

/** One call of `rotate`. */
interface Run<T> {
  readonly plan: Plan;
  readonly options: RotateOptions<T>;
  readonly attempt: (credential: Credential, context: AttemptContext) => Promise<T>;
  readonly history: FailedAttempt[];
  /** The same key may be stored twice under two names. It is sent once. */
  readonly secretsTried: Secret[];
  attempts: number;
  /** What comes back if nothing follows. */
  last: Settled<T> | undefined;
}

/**
 * Runs `attempt` with one credential of the plan after another, each at most once, until one does not
 * fail or the policy says to stop. The last provider's answer, or error, then comes back as it came.
 * A credential that cannot be resolved is passed by like one that failed, but what it throws comes back
 * only if no provider answered at all.
 *
 * @throws {RotationError} `no-credentials` or `all-cooling` when nothing could be tried.
 * @throws the signal's reason as it came, once it is aborted; that is nobody's failure.
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
  options.signal?.throwIfAborted();
  const run: Run<T> = { plan, options, attempt, history: [], secretsTried: [], attempts: 0, last: undefined };
  const deadline = (options.clock?.now() ?? 0) + (options.maxWaitMs ?? 0);
  try {
    do {
      await tryInOrder(run);
    } while (!run.last && run.history.length === 0 && (await waitForRecovery(plan, options, deadline)));
  } catch (error) {
    discardLast(run);
    throw error;
  }
  if (!run.last) throw nothingToTry(plan, options.health);
  if (run.last.status === "rejected") throw run.last.reason;
  return run.last.value;
}

/** Tries one credential after another that is not cooling down, until one ends the run. */
async function tryInOrder<T>(run: Run<T>): Promise<void> {
  const { health, session, onEvent } = run.options;
  const { plan } = run;
  const choices = createChoices(plan, health, session);
  for (let choice = choices.next(); choice; choice = choices.next()) {
    const { candidate, ticket } = choice;
    const previous = run.history.at(-1);
    let step: Step | undefined;
    try {
      if (previous) onEvent?.({ type: "rotated", plan, from: previous.candidate, to: candidate, failure: previous.failure });
      step = await tryCandidate(run, choice, choices);
    } finally {
      if (ticket && step !== "under way") health?.release(ticket);
    }
    if (step !== "next") return;
  }
}

/** What follows an attempt. Of an answer that is under way the credential is still in use. */
type Step = "next" | "stop" | "under way";

/**
 * Tries one credential, and once more with a fresh secret where the policy asks for that. Where there is none, nothing is
 * sent again, and the policy is asked once more what follows.
 */
async function tryCandidate<T>(run: Run<T>, { candidate, ticket }: Choice, choices: Choices): Promise<Step> {
  const { classify, advance = onRateLimit, health, measure, onEvent } = run.options;
  let rejected: Credential | undefined;
  let refusal: Failure | undefined;
  for (;;) {
    const { outcome, credential } = await tryOnce(run, candidate, rejected);
    if (!outcome && !refusal) return "next";
    if (ticket && measure && outcome?.status === "fulfilled") health?.observe(ticket, measure(outcome.value));
    // Without a fresh secret the refusal stands.
    const failure = outcome ? classify(outcome) : refusal;
    if (!failure) return ticket && outcome?.status === "fulfilled" ? succeed(run, ticket, outcome.value) : "stop";
    run.history.push({ candidate, failure });
    if (outcome) onEvent?.({ type: "failed", plan: run.plan, candidate, failure });
    const step = advance(failure, candidate, choices.peek(), run.history);
    if (step === "same" && credential && !rejected) {
      rejected = credential;
      refusal = failure;
      continue;
    }
    if (ticket) takeDown(run, ticket, failure);
    return step === "stop" ? "stop" : "next";
  }
}

/** Takes down a failure, and tells where that has opened a window or made it longer. */
function takeDown<T>({ plan, options: { health, onEvent } }: Run<T>, ticket: Ticket, failure: Failure): void {
  const { candidate } = ticket;
  const own: Plan = { ...plan, candidates: [candidate] };
  const windowNow = () => health?.cooling(own)[0];
  const before = onEvent && windowNow();
  health?.settle(ticket, failure);
  const after = onEvent && windowNow();
  if (after && after.until > (before?.until ?? 0)) onEvent({ type: "cooling", plan, candidate, until: after.until, reason: after.reason });
}

function succeed<T>(run: Run<T>, ticket: Ticket, value: T): Step {
  const { health, ending, onEvent } = run.options;
  if (!ending) {
    health?.settle(ticket, "ok");
    return "stop";
  }
  health?.confirm(ticket);
  ending(value).then(
    (failure) => {
      if (!failure) {
        health?.release(ticket);
        return;
      }
      try {
        onEvent?.({ type: "failed", plan: run.plan, candidate: ticket.candidate, failure });
      } finally {
        takeDown(run, ticket, failure);
      }
    },
    () => health?.release(ticket),
  );
  return "under way";
}

/**
 * Resolves the credential and makes the attempt. What comes of it is the new last answer, unless the
 * credential could not be had. Without an outcome nothing was sent: that key was tried, if under another name.
 */
async function tryOnce<T>(
  run: Run<T>,
  candidate: Candidate,
  rejected: Credential | undefined,
): Promise<{ readonly outcome?: Settled<T>; readonly credential?: Credential }> {
  const { signal, onEvent } = run.options;
  let credential: Credential;
  try {
    const given = candidate.resolve({ ...(signal && { signal }), ...(rejected && { rejected }) });
    // Nearly all are at hand.
    credential = "then" in given ? await given : given;
  } catch (reason) {
    signal?.throwIfAborted();
    const outcome: Settled<T> = { status: "rejected", reason };
    run.last ??= outcome;
    return { outcome };
  }
  signal?.throwIfAborted();
  if ("secret" in credential) {
    const { secret } = credential;
    if (run.secretsTried.some((tried) => tried.equals(secret))) return {};
    run.secretsTried.push(secret);
  }
  if (rejected) onEvent?.({ type: "renewed", plan: run.plan, candidate });
  discardLast(run);
  run.attempts += 1;
  let outcome: Settled<T>;
  try {
    outcome = { status: "fulfilled", value: await run.attempt(credential, { attempt: run.attempts, candidate, signal }) };
  } catch (reason) {
    outcome = { status: "rejected", reason };
  }
  run.last = outcome;
  signal?.throwIfAborted();
  return { outcome, credential };
}

function discardLast<T>(run: Run<T>): void {
  const { last } = run;
  run.last = undefined;
  if (last?.status === "fulfilled") run.options.discard?.(last.value);
}

/** A credential that another request probes recovers at no known time: it is looked at again after so long. */
const PROBE_POLL_MS = 100;

/** One request tries a credential whose window has ended: the others come a little later, one by one, and find it well. */
const JITTER_MS = 250;

/** Waits out the shortest window when every credential is in one. Says whether it is worth trying again. */
async function waitForRecovery<T>(plan: Plan, options: RotateOptions<T>, deadline: number): Promise<boolean> {
  const { clock, health, signal, onEvent, random = () => 0 } = options;
  const until = clock && health?.earliest(plan);
  if (!clock || until === undefined) return false;
  const soonestMs = Math.max(until - clock.now(), PROBE_POLL_MS);
  const leftMs = deadline - clock.now();
  if (soonestMs > leftMs) return false;
  const durationMs = Math.min(soonestMs + random() * Math.min(soonestMs, JITTER_MS), leftMs);
  onEvent?.({ type: "waited", plan, durationMs });
  await clock.sleep(durationMs, signal);
  return true;
}
