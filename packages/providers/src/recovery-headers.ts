/** SDKs that retry by themselves sleep through whatever a `Retry-After` says, some of them for hours. Beyond this they are told not to. */
const LONGEST_SLEEP_SECONDS = 60;

/** Whole seconds until a time (both epoch milliseconds), as `Retry-After` wants them: rounded up, and at least one. */
export function secondsUntil(at: number, now: number): number {
  return Math.max(1, Math.ceil((at - now) / 1000));
}

/** The headers that say when the first credential recovers. SDKs believe `retry-after-ms` first: take it away where these are set. */
export function recoveryHeaders(recoversAt: number, now: number): Readonly<Record<string, string>> {
  const seconds = secondsUntil(recoversAt, now);
  return { "retry-after": String(seconds), ...(seconds > LONGEST_SLEEP_SECONDS && { "x-should-retry": "false" }) };
}
