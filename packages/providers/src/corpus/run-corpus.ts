import type { CorpusCase } from "./corpus-case.ts";
import { inputFor, type CorpusInput } from "./corpus-input.ts";
import { failureCorpus } from "./failure-corpus.ts";
import { wrapInSuccess } from "./wrap-in-success.ts";

/** What a classifier says. Only the class is asked of everybody; the rest is compared where it is given. */
export interface CorpusVerdict {
  readonly class: string;
  readonly scope?: string;
  readonly window?: string;
  /** Epoch milliseconds. */
  readonly retryAt?: number;
  readonly providerCode?: string;
}

/** Parts of a verdict beside its class. */
export type CorpusField = "scope" | "window" | "retryAt" | "providerCode";

/** A case that was judged otherwise than the corpus says, or at which the classifier threw. */
export interface CorpusDifference {
  readonly id: string;
  readonly field: "class" | CorpusField | "threw";
  /** `undefined` as a class is no failure. */
  readonly expected: unknown;
  readonly actual: unknown;
  readonly note: string;
}

/** A success in which the classifier saw a failure. */
export interface FalseAlarm {
  readonly id: string;
  readonly wrapping: string;
  readonly actual: unknown;
}

export interface CorpusReport {
  readonly cases: number;
  readonly differences: readonly CorpusDifference[];
  /** Of every case wrapped in every success. */
  readonly wrapped: number;
  readonly falseAlarms: readonly FalseAlarm[];
}

export interface CorpusOptions {
  /** Fields that are compared even where the classifier leaves them out: then it says that there is nothing. */
  readonly knows?: readonly CorpusField[];
  /** Other cases than those of this package. */
  readonly cases?: readonly CorpusCase[];
}

/** Texts and headers round to seconds. */
const TOLERANCE_MS = 1000;

/**
 * Runs a classifier over the corpus, and over every case wrapped in a success.
 *
 * @example
 * const report = runCorpus(({ status, body }) => myClassifier(status, body));
 * report.differences; // [{ id: "zai/1113-no-balance", field: "class", expected: "rate_limit", actual: "billing", … }]
 */
export function runCorpus(classify: (input: CorpusInput) => CorpusVerdict | undefined, options: CorpusOptions = {}): CorpusReport {
  const { cases = failureCorpus, knows = [] } = options;
  const wrapped = cases.flatMap((entry) => wrapInSuccess(entry));
  return {
    cases: cases.length,
    differences: cases.flatMap((entry) => compare(entry, outcomeOf(classify, inputFor(entry)), knows)),
    wrapped: wrapped.length,
    falseAlarms: wrapped.flatMap(({ id, wrapping, input }) => {
      const outcome = outcomeOf(classify, input);
      return "threw" in outcome || outcome.verdict !== undefined
        ? [{ id, wrapping, actual: "threw" in outcome ? outcome.threw : outcome.verdict }]
        : [];
    }),
  };
}

type Settled = { readonly verdict: CorpusVerdict | undefined } | { readonly threw: unknown };

function outcomeOf(classify: (input: CorpusInput) => CorpusVerdict | undefined, input: CorpusInput): Settled {
  try {
    return { verdict: classify(input) };
  } catch (error) {
    return { threw: error };
  }
}

function compare(entry: CorpusCase, outcome: Settled, knows: readonly CorpusField[]): readonly CorpusDifference[] {
  const { id, note, expected, now } = entry;
  if ("threw" in outcome) return [{ id, field: "threw", expected, actual: outcome.threw, note }];
  const { verdict } = outcome;
  if (verdict?.class !== expected?.class) return [{ id, field: "class", expected: expected?.class, actual: verdict?.class, note }];
  if (!verdict || !expected) return [];
  const retryAt = expected.retryAfterMs === undefined ? undefined : now + expected.retryAfterMs;
  const isClose = retryAt !== undefined && verdict.retryAt !== undefined && Math.abs(verdict.retryAt - retryAt) <= TOLERANCE_MS;
  const fields: readonly (readonly [CorpusField, unknown, unknown])[] = [
    ["scope", expected.scope, verdict.scope],
    ["window", expected.window, verdict.window],
    ["retryAt", retryAt, isClose ? retryAt : verdict.retryAt],
    ["providerCode", expected.providerCode, verdict.providerCode],
  ];
  return fields
    .filter(([field, wanted, given]) => wanted !== given && (given !== undefined || knows.includes(field)))
    .map(([field, wanted, given]) => ({ id, field, expected: wanted, actual: given, note }));
}
