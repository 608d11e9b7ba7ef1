const SHORTEST_MS = 1000;
const LONGEST_MS = 3_600_000;

/** When `Retry-After` (RFC 9110 section 10.2.3: seconds, or a date) wants the next request: in 1 s to 1 h. */
export function readRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? "";
  const waitMs = /^\d{1,10}$/.test(text) ? Number(text) * 1000 : /[A-Za-z]{3}/.test(text) ? Date.parse(text) - now : Number.NaN;
  return Number.isNaN(waitMs) ? undefined : now + Math.min(Math.max(waitMs, SHORTEST_MS), LONGEST_MS);
}
