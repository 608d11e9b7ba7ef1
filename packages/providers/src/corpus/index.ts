export type { CorpusArrival, CorpusCase, CorpusExpectation } from "./corpus-case.ts";
export { inputFor, type CorpusInput } from "./corpus-input.ts";
export { failureCorpus } from "./failure-corpus.ts";
export {
  runCorpus,
  type CorpusDifference,
  type CorpusField,
  type CorpusOptions,
  type CorpusReport,
  type CorpusVerdict,
  type FalseAlarm,
} from "./run-corpus.ts";
export { wrapInSuccess, type WrappedCase } from "./wrap-in-success.ts";
