import type { BillingClass, Candidate } from "@openclaw/secrets";
import type { FailedStep, RequestOutcome } from "./ask-models.ts";
import type { SimulatedAttempt, SimulatedInterval, SimulatedMove, Simulation } from "./simulation.ts";

/** Requests that went alike, and how often. */
interface Requests {
  readonly outcome: RequestOutcome;
  /** Of the first and the last of them. */
  readonly from: number;
  readonly until: number;
  readonly requests: number;
}

/** Puts requests that went alike together, and counts what happened. */
export interface Timeline {
  /** Whether a request went as the one before it did. */
  isLikeLast(outcome: RequestOutcome): boolean;
  add(requests: Requests): void;
  result(): Pick<Simulation, "intervals" | "rotations" | "fallbacks" | "crossings" | "billing" | "requests">;
  /** When the preferred credential was lost, and when it came back. */
  preferred(): Pick<Simulation["preferred"], "lostAt" | "backAt">;
}

/** What a timeline needs to know. */
export interface TimelineOptions {
  readonly preferred: { readonly id: string; readonly model: string } | undefined;
  /** Requests are spread: who of several answers says nothing. */
  readonly isSpread: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Interval = Omit<Mutable<SimulatedInterval>, "served"> & { readonly served: Mutable<SimulatedInterval["served"][number]>[] };
type Crossing = Mutable<Simulation["crossings"][number]>;

export function createTimeline({ preferred, isSpread }: TimelineOptions): Timeline {
  const intervals: Interval[] = [];
  const rotations = new Map<string, Mutable<SimulatedMove>>();
  const fallbacks = new Map<string, Mutable<SimulatedMove>>();
  const crossings = new Map<string, Crossing>();
  const billing: Record<BillingClass | "failed", number> = { subscription: 0, metered: 0, local: 0, failed: 0 };
  let last: string | undefined;
  let total = 0;
  let lostAt: number | null = null;
  let backAt: number | null = null;
  let isWithPreferred = true;

  function likenessOf({ steps, fallbacks, served, error, waitedMs }: RequestOutcome): string {
    const tried = steps.map(({ model, candidate, failure }) => [model, candidate.id, failure.class, failure.status]);
    const who = served && (isSpread && steps.length === 0 ? served.model : [served.model, served.candidate.id]);
    return JSON.stringify([tried, fallbacks, who, error?.status, error?.code, waitedMs > 0]);
  }

  function follow(from: number, { served, waitedMs }: RequestOutcome): void {
    const isPreferred = preferred !== undefined && served?.candidate.id === preferred.id && served.model === preferred.model;
    if (isPreferred && !isWithPreferred) backAt = from + waitedMs;
    if (!isPreferred && preferred !== undefined) {
      lostAt ??= from;
      backAt = null;
    }
    isWithPreferred = isPreferred;
  }

  return {
    isLikeLast: (outcome) => likenessOf(outcome) === last,
    add({ outcome, from, until, requests }) {
      const { served } = outcome;
      const likeness = likenessOf(outcome);
      const latest = intervals.at(-1);
      if (latest && likeness === last) {
        latest.until = until;
        latest.requests += requests;
        count(latest, outcome, requests);
      } else {
        const interval = intervalOf({ outcome, from, until, requests });
        count(interval, outcome, requests);
        intervals.push(interval);
      }
      last = likeness;
      total += requests;
      billing[served?.candidate.billing ?? "failed"] += requests;
      const times = { firstAt: from, lastAt: until, requests };
      for (const [step, to] of rotationsOf(outcome))
        tally(rotations, { from: step.candidate.origin, to: to.origin, class: step.failure.class, ...times });
      for (const step of outcome.fallbacks) tally(fallbacks, { ...step, ...times });
      if (served?.isCrossing)
        tallyCrossing(crossings, { id: served.candidate.id, origin: served.candidate.origin, model: served.model, ...times });
      follow(from, outcome);
    },
    result: () => ({
      intervals,
      rotations: [...rotations.values()],
      fallbacks: [...fallbacks.values()],
      crossings: [...crossings.values()],
      billing: { ...billing, meteredShare: total === 0 ? 0 : billing.metered / total },
      requests: total,
    }),
    preferred: () => ({ lostAt, backAt }),
  };
}

function intervalOf({ outcome, from, until, requests }: Requests): Interval {
  const { steps, error, waitedMs } = outcome;
  return {
    from,
    until,
    requests,
    attempts: steps.map(attemptOf),
    served: [],
    ...(error && { error }),
    ...(waitedMs > 0 && { waitedMs }),
  };
}

function attemptOf({ model, candidate, failure }: FailedStep): SimulatedAttempt {
  const { id, origin, billing } = candidate;
  const { class: name, status, rule } = failure;
  return { id, origin, billing, model, class: name, ...(status !== undefined && { status }), rule };
}

function count({ served: all }: Interval, { served }: RequestOutcome, requests: number): void {
  if (!served) return;
  const { model, candidate, isCrossing } = served;
  const known = all.find((each) => each.id === candidate.id && each.model === model);
  if (known) known.requests += requests;
  else all.push({ id: candidate.id, origin: candidate.origin, billing: candidate.billing, model, requests, isCrossing });
}

/** From each that failed to the next that was tried at the same model. */
function rotationsOf({ steps, served }: RequestOutcome): readonly (readonly [FailedStep, Candidate])[] {
  return steps.flatMap((step, index) => {
    const next = steps[index + 1] ?? served;
    return next?.model === step.model ? [[step, next.candidate] as const] : [];
  });
}

function tally(moves: Map<string, Mutable<SimulatedMove>>, move: SimulatedMove): void {
  const key = JSON.stringify([move.from, move.to, move.class]);
  const known = moves.get(key);
  if (!known) moves.set(key, { ...move });
  else {
    known.lastAt = move.lastAt;
    known.requests += move.requests;
  }
}

function tallyCrossing(crossings: Map<string, Crossing>, crossing: Simulation["crossings"][number]): void {
  const key = JSON.stringify([crossing.id, crossing.model]);
  const known = crossings.get(key);
  if (!known) crossings.set(key, { ...crossing });
  else {
    known.lastAt = crossing.lastAt;
    known.requests += crossing.requests;
  }
}
