import type { CoolingCandidate, FailedAttempt, Failure, Plan } from "@openclaw/key-rotation";
import { secondsUntil } from "@openclaw/providers";

/** What became of the credentials of a plan. */
export interface CredentialTrail {
  readonly plan: Plan;
  /** In the order of the attempts. */
  readonly tried: readonly FailedAttempt[];
  /** Those that cannot be tried now, soonest end first. */
  readonly cooling: readonly CoolingCandidate[];
}

/** One credential that gave no answer, and why. */
export interface TrailEntry {
  readonly id: string;
  readonly store?: string | undefined;
  /** Words that follow its name. */
  readonly what: string;
}

/** Each credential that gave no answer: those that can be tried again, soonest first, those that failed, those left out. */
export function trailEntries({ plan, tried, cooling }: CredentialTrail, now: number): readonly TrailEntry[] {
  const failures = new Map(tried.map((attempt) => [attempt.candidate.id, attempt]));
  const waiting = cooling.map((each) => ({ ...each, what: describeWait(each, failures.get(each.id)?.failure, now) }));
  for (const { id } of cooling) failures.delete(id);
  const failed = [...failures.values()].map(({ candidate, failure }) => ({ ...candidate, what: `failed (${describeFailure(failure)})` }));
  const leftOut = plan.excluded.map(({ id, reason }) => ({ id, what: `left out (${reason})` }));
  return [...waiting, ...failed, ...leftOut];
}

function describeWait({ until, reason }: CoolingCandidate, failure: Failure | undefined, now: number): string {
  if (reason === "busy") return "busy (as many requests are under way with it as may be)";
  const why = failure && classOf(failure) === reason ? describeFailure(failure) : reason;
  return `for ${secondsUntil(until, now)} s (until ${new Date(until).toISOString()}, ${why})`;
}

function classOf(failure: Failure): string {
  return failure.window ?? failure.class;
}

/** The class, and what the provider calls it; of what never reached a provider the rule. */
function describeFailure(failure: Failure): string {
  const { status, providerCode, rule } = failure;
  const details = status === undefined && providerCode === undefined ? [rule] : [status, providerCode];
  return [classOf(failure), ...details.filter((detail) => detail !== undefined && detail !== failure.class)].join(", ");
}
