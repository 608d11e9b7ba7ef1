export { onRateLimit, profileFailover, type Advance, type FailedAttempt, type ProfileRotationLimits } from "./advance.ts";
export { envKeyCandidates, envKeys, liveKey, type EnvKey, type EnvKeyCandidatesOptions, type EnvKeysOptions } from "./env-keys.ts";
export { RotationError, type CoolingCandidate, type RotationErrorCode, type RotationErrorOptions } from "./errors.ts";
export type { Failure, FailureClass, FailureScope, Settled } from "./failure.ts";
export { createHealth, type Health, type HealthEntry, type HealthOptions, type Ticket } from "./health/health.ts";
export { defaultCooldownPolicy, type CooldownPolicy, type CooldownReason, type CooldownWindow } from "./health/window.ts";
export { isKeyCompanion, keyVariables, type KeyVariables } from "./key-variables.ts";
export type { ExcludedCandidate, Plan } from "./plan.ts";
export { rotate, type AttemptContext, type RotateOptions, type RotationEvent } from "./rotate.ts";
