import type { HeaderReader } from "./header-reader.ts";
import { readMoment, readNumber, readPoint } from "./moment.ts";

/** A limit of a flat plan: providers tell what part of it is used, not how many. */
export interface UsedShare {
  readonly window: string;
  /** From 0; 1 is all of it, and more happens. */
  readonly used: number;
  readonly resetAt: number | undefined;
}

/** Windows of a Claude plan, and the headers that speak of them. */
const claudeWindows = ["5h", "7d"].map((window) => ({
  window,
  used: `anthropic-ratelimit-unified-${window}-utilization`,
  reset: `anthropic-ratelimit-unified-${window}-reset`,
}));

/** Windows of a ChatGPT plan; their length stands in a header of its own. */
const codexWindows = ["primary", "secondary"].map((name) => ({
  name,
  used: `x-codex-${name}-used-percent`,
  length: `x-codex-${name}-window-minutes`,
  resetAt: `x-codex-${name}-reset-at`,
  resetAfter: `x-codex-${name}-reset-after-seconds`,
}));

/** What part of the windows of a flat plan is used, as `anthropic-ratelimit-unified-*` and `x-codex-*` say it. */
export function readUsedShares(header: HeaderReader, now: number): readonly UsedShare[] {
  const shares: UsedShare[] = [];
  for (const { window, used, reset } of claudeWindows) {
    const share = readNumber(header(used));
    if (share !== undefined) shares.push({ window, used: share, resetAt: readPoint(header(reset) ?? "") });
  }
  for (const { name, used, length, resetAt, resetAfter } of codexWindows) {
    const percent = readNumber(header(used));
    if (percent === undefined) continue;
    const minutes = readNumber(header(length));
    shares.push({
      window: minutes === undefined || minutes === 0 ? name : lengthOf(minutes),
      used: percent / 100,
      resetAt: readPoint(header(resetAt) ?? "") ?? readMoment(header(resetAfter), now),
    });
  }
  return shares;
}

/** `5h`, `7d`: the length of a window, in the largest unit that divides it. */
function lengthOf(minutes: number): string {
  if (minutes % 1440 === 0) return `${minutes / 1440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}
