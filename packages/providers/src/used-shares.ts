import type { HeaderReader } from "./header-reader.ts";
import { readMoment, readNumber, readPoint } from "./moment.ts";

/** A limit of a flat plan: providers tell what part of it is used, not how many. */
export interface UsedShare {
  readonly window: string;
  /** From 0; 1 is all of it, and more happens. */
  readonly used: number;
  readonly resetAt: number | undefined;
}

/** Windows of a Claude plan, by the part of the header's name that says which. */
const claudeWindows = ["5h", "7d"];

/** Windows of a ChatGPT plan; their length stands in a header of its own. */
const codexWindows = ["primary", "secondary"];

/** What part of the windows of a flat plan is used, as `anthropic-ratelimit-unified-*` and `x-codex-*` say it. */
export function readUsedShares(header: HeaderReader, now: number): readonly UsedShare[] {
  return [...claudeWindows.map((name) => claudeShare(header, name)), ...codexWindows.map((name) => codexShare(header, name, now))].filter(
    (share) => share !== undefined,
  );
}

function claudeShare(header: HeaderReader, window: string): UsedShare | undefined {
  const used = readNumber(header(`anthropic-ratelimit-unified-${window}-utilization`));
  if (used === undefined) return undefined;
  return { window, used, resetAt: readPoint(header(`anthropic-ratelimit-unified-${window}-reset`) ?? "") };
}

function codexShare(header: HeaderReader, name: string, now: number): UsedShare | undefined {
  const percent = readNumber(header(`x-codex-${name}-used-percent`));
  if (percent === undefined) return undefined;
  const minutes = readNumber(header(`x-codex-${name}-window-minutes`));
  return {
    window: minutes === undefined || minutes === 0 ? name : lengthOf(minutes),
    used: percent / 100,
    resetAt: readPoint(header(`x-codex-${name}-reset-at`) ?? "") ?? readMoment(header(`x-codex-${name}-reset-after-seconds`), now),
  };
}

/** `5h`, `7d`: the length of a window, in the largest unit that divides it. */
function lengthOf(minutes: number): string {
  if (minutes % 1440 === 0) return `${minutes / 1440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}
