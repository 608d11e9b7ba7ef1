export { callAsNobody, NOBODY_UID, type AnswerOfNobody } from "./as-nobody.ts";
export { createCanary, findCanary, type CanaryFinding, type CanaryForm, type CanaryHaystacks, type CanarySearchOptions } from "./canary.ts";
export { caught } from "./caught.ts";
export { fakeCandidate, type FakeCandidate, type FakeCredential } from "./fake-candidate.ts";
export { startFakeIdp, type Consent, type FakeIdp, type FakeIdpOptions, type TokenRequest, type TokenStep } from "./fake-idp.ts";
export type { FakeTokens } from "./fake-idp-accounts.ts";
export { startFakeProvider, type FakeProvider, type FakeProviderScript, type Hit } from "./fake-provider.ts";
export type { Reply } from "./fake-reply.ts";
export { findProgram } from "./find-program.ts";
export { giveToNobody } from "./give-to-nobody.ts";
export { MANUAL_CLOCK_START, manualClock, type ManualClock } from "./manual-clock.ts";
export {
  isProcessAlive,
  runProcess,
  startProcess,
  type ProcessExit,
  type ProcessOptions,
  type ProcessResult,
  type RunProcessOptions,
  type RunningProcess,
} from "./run-process.ts";
export { said, scriptsWith, type ScriptOptions, type Scripts } from "./scripts.ts";
export { isMountAllowed, onSmallDisk, type SmallDisk } from "./small-disk.ts";
export { anthropicError, anthropicMessage, anthropicStream, openaiCompletion, openaiError, openaiStream, sseEvent } from "./sse.ts";
export { createTempHome, type TempHome } from "./temp-home.ts";
export { canTrace, traceScript, type TracedScript } from "./trace-script.ts";
export { tracedSteps } from "./traced-steps.ts";
