import type { Cooldown } from "@openclaw/home";
import { formatMoment, formatSpan } from "./span.ts";

/** A cooldown on one line: `cooling 4m 12s (rate_limit, claude-opus-4-6), retry at 14:03:20`. */
export function cooldownText({ state, reason, model, until, remainingMs }: Cooldown, now: number): string {
  const what = model === "*" ? reason : `${reason}, ${model}`;
  if (state === "half_open") return `half-open: the next request tries it (${what})`;
  return `${state} ${formatSpan(remainingMs)} (${what}), retry at ${formatMoment(until, now)}`;
}
