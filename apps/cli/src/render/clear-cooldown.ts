import { printable } from "../io.ts";
import type { ClearedWindow, ClearReport } from "../models-auth/clear-cooldown.ts";
import type { GatewayClearing } from "../models-auth/clear-in-gateway.ts";
import { ordinal } from "./ordinal.ts";
import { formatMoment, formatSpan } from "./span.ts";
import { wrapped } from "./wrap.ts";

/** What rendering needs beside the report. */
export interface ClearedStyle {
  readonly now: number;
  readonly display: (path: string) => string;
}

/** What was cleared, and where a gateway was asked, what it made of it. */
interface ShownReport extends ClearReport {
  readonly gateway?: GatewayClearing;
}

/** `models auth clear-cooldown` for people. */
export function renderCleared(report: ShownReport, style: ClearedStyle): string {
  return lines(report, style)
    .map((line) => printable(line).trimEnd())
    .join("\n");
}

function lines({ what, cleared, isDryRun, gateway }: ShownReport, { now, display }: ClearedStyle): readonly string[] {
  const inGateway = gateway?.status === "cleared" ? gateway.count : 0;
  if (cleared.length === 0 && inGateway > 0) {
    return wrapped("", `Cleared ${countOf(inGateway)} of ${what} in the running gateway, which had not written it down.`);
  }
  if (cleared.length === 0) return wrapped("", `Nothing to clear: no cooldown of ${what} is kept.`);
  const count = countOf(cleared.length);
  const head = isDryRun ? `Dry run, nothing was changed. To be cleared: ${count} of ${what}.` : `Cleared ${count} of ${what}.`;
  const files = [...new Set(cleared.map(({ file }) => display(file)))];
  return [
    ...wrapped("", head),
    ...cleared.flatMap((window) => [...wrapped("  ", nameOf(window)), ...wrapped("    ", textOf(window, now))]),
    ...files.flatMap((file) => wrapped("In ", file)),
    ...(isDryRun ? [] : wrapped("", `The next request may use what was cleared. ${takenOver(gateway)}`)),
  ];
}

function takenOver(gateway: GatewayClearing | undefined): string {
  return gateway?.status === "cleared" ? "The running gateway knows." : "A gateway that runs takes it over within seconds.";
}

function countOf(count: number): string {
  return count === 1 ? "1 cooldown" : `${count} cooldowns`;
}

function nameOf({ id, origin, model }: ClearedWindow): string {
  return `${origin === undefined ? id : `${origin} ${id}`}, ${model === "*" ? "all models" : model}`;
}

function textOf({ reason, count, until, remainingMs }: ClearedWindow, now: number): string {
  const row = count > 1 ? `, the ${ordinal(count)} in a row` : "";
  if (remainingMs === 0) return `${reason}${row}: had ended, and the next request was to try it`;
  return `${reason}${row}: ${formatSpan(remainingMs)} were left, until ${formatMoment(until, now)}`;
}
