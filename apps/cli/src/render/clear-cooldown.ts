import { printable } from "../io.ts";
import type { ClearedWindow, ClearReport } from "../models-auth/clear-cooldown.ts";
import { ordinal } from "./ordinal.ts";
import { formatMoment, formatSpan } from "./span.ts";
import { wrapped } from "./wrap.ts";

/** What rendering needs beside the report. */
export interface ClearedStyle {
  readonly now: number;
  readonly display: (path: string) => string;
}

/** `models auth clear-cooldown` for people. */
export function renderCleared(report: ClearReport, style: ClearedStyle): string {
  return lines(report, style)
    .map((line) => printable(line).trimEnd())
    .join("\n");
}

function lines({ what, cleared, isDryRun }: ClearReport, { now, display }: ClearedStyle): readonly string[] {
  if (cleared.length === 0) return wrapped("", `Nothing to clear: no cooldown of ${what} is kept.`);
  const count = cleared.length === 1 ? "1 cooldown" : `${cleared.length} cooldowns`;
  const head = isDryRun ? `Dry run, nothing was changed. To be cleared: ${count} of ${what}.` : `Cleared ${count} of ${what}.`;
  const files = [...new Set(cleared.map(({ file }) => display(file)))];
  return [
    ...wrapped("", head),
    ...cleared.flatMap((window) => [...wrapped("  ", nameOf(window)), ...wrapped("    ", textOf(window, now))]),
    ...files.flatMap((file) => wrapped("In ", file)),
    ...(isDryRun ? [] : wrapped("", "The next request may use what was cleared. A gateway that runs takes it over within seconds.")),
  ];
}

function nameOf({ id, origin, model }: ClearedWindow): string {
  return `${origin === undefined ? id : `${origin} ${id}`}, ${model === "*" ? "all models" : model}`;
}

function textOf({ reason, count, until, remainingMs }: ClearedWindow, now: number): string {
  const row = count > 1 ? `, the ${ordinal(count)} in a row` : "";
  if (remainingMs === 0) return `${reason}${row}: had ended, and the next request was to try it`;
  return `${reason}${row}: ${formatSpan(remainingMs)} were left, until ${formatMoment(until, now)}`;
}
