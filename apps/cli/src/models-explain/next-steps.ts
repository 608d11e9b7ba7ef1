import type { Advance, FailedAttempt, Failure, FailureClass } from "@openclaw/key-rotation";
import type { Candidate } from "@openclaw/secrets";

/** What would follow a failure of one credential of a stream. */
export interface NextSteps {
  /** Failures after which the next credential is tried. */
  readonly movesOn: readonly FailureClass[];
  /** Failures after which its secret is renewed first, and it is tried once more. */
  readonly renews: readonly FailureClass[];
}

/** What the policy of a home is asked with. */
export interface NextStepsOptions {
  readonly advance: Advance;
  /** A failure of each class. */
  readonly examples: readonly Failure[];
  /** How often a request may move on from profiles at most, where that is limited. */
  readonly mostRotations: number | undefined;
}

/**
 * What the policy says of each failure at each place of a stream, where all before it failed in the same way. At the last
 * place it is what would be done, were there another like it.
 */
export function nextSteps(order: readonly Candidate[], options: NextStepsOptions): readonly NextSteps[] {
  const known = new Map<string, NextSteps>();
  const counted = options.mostRotations === undefined ? 0 : options.mostRotations + 1;
  let before: readonly Candidate[] = [];
  return order.map((from, index) => {
    const to = order[index + 1] ?? from;
    // Places of a kind are alike, once as many have failed as are counted.
    const key = [from.via, from.isRenewable === true, to.via, before.length].join();
    const steps = known.get(key) ?? stepsFrom(from, to, before, options);
    known.set(key, steps);
    if (from.via === "profile" && before.length < counted) before = [...before, from];
    return steps;
  });
}

function stepsFrom(from: Candidate, to: Candidate, before: readonly Candidate[], { advance, examples }: NextStepsOptions): NextSteps {
  // Whether to renew is asked about it as it is, and what follows as though that were in vain.
  const spent: Candidate = { ...from, isRenewable: false };
  const stepOf = (failure: Failure, last: Candidate) => {
    const history: readonly FailedAttempt[] = [...before, last].map((candidate) => ({ candidate, failure }));
    return advance(failure, last, to, history);
  };
  return {
    movesOn: examples.filter((failure) => stepOf(failure, spent) === "next").map((failure) => failure.class),
    renews: examples.filter((failure) => stepOf(failure, from) === "same").map((failure) => failure.class),
  };
}
