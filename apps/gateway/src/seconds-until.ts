/** Whole seconds until a time (both epoch milliseconds), as `Retry-After` wants them: rounded up, and at least one. */
export function secondsUntil(at: number, now: number): number {
  return Math.max(1, Math.ceil((at - now) / 1000));
}
