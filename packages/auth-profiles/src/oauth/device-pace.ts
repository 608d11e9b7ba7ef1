import type { TokenVerdict } from "./token-answer.ts";

const SLOW_DOWN_SECONDS = 5;
const LONGEST_INTERVAL_SECONDS = 60;

/** How long to wait before asking again, in seconds; `undefined` where the answer is final. */
export function nextInterval(verdict: TokenVerdict, interval: number): number | undefined {
  switch (verdict.kind) {
    case "refused":
      if (verdict.error === "authorization_pending") return interval;
      // GitHub says which interval is enough.
      if (verdict.error === "slow_down") return clampInterval(Math.max(interval + SLOW_DOWN_SECONDS, verdict.intervalSeconds ?? 0));
      return undefined;
    case "unavailable":
    case "lost":
      // RFC 8628 section 3.5: back off when there is no answer. Asking twice spends nothing before the person has decided.
      return clampInterval(interval * 2);
    case "tokens":
    case "bad":
      return undefined;
  }
}

/** Between 1 s, below which it would be a flood, and 1 min, beyond which a person waits in vain. */
export function clampInterval(seconds: number): number {
  return Math.min(Math.max(seconds, 1), LONGEST_INTERVAL_SECONDS);
}
