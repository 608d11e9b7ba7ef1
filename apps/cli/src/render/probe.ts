import { printable } from "../io.ts";
import type { ProbeReport, ProbedResult } from "../models-probe/probe-report.ts";

/** A terminal has at least so many columns. */
const WIDTH = 80;

interface Row {
  readonly model: string;
  readonly profile: string;
  readonly status: string;
  /** What to know beside the row, each on a line of its own. */
  readonly notes: readonly string[];
}

const head: Row = { model: "Model", profile: "Profile", status: "Status", notes: [] };

/** What `models status --probe` found out, for people. */
export function renderProbes({ results, totalTargets, durationMs }: ProbeReport): string {
  const total = `Probed ${totalTargets} target${totalTargets === 1 ? "" : "s"} in ${formatElapsed(durationMs)}`;
  return ["Probes", ...tableOf(results.map(rowOf)), `  ${totalTargets === 0 ? "No probe targets." : total}`].join("\n");
}

/** A table; where it would be wider than a terminal, what is known of each model stands below its name. */
function tableOf(found: readonly Row[]): readonly string[] {
  if (found.length === 0) return [];
  const rows = [head, ...found];
  const width = (column: "model" | "profile" | "status") => Math.max(...rows.map((row) => row[column].length));
  const isWide = 2 + width("model") + 2 + width("profile") + 2 + width("status") > WIDTH;
  const indent = isWide ? "    " : "  ";
  return rows.flatMap(({ model, profile, status, notes }, index) => {
    const name = isWide ? "" : `${model.padEnd(width("model"))}  `;
    return [
      ...(isWide && rows[index - 1]?.model !== model ? [`  ${model}`] : []),
      `${indent}${name}${profile.padEnd(width("profile"))}  ${status}`,
      ...notes.map((note) => `${indent}  ${note}`),
    ];
  });
}

function rowOf({ provider, model, label, mode, status, latencyMs, error, hint, eligibility, reasonCode }: ProbedResult): Row {
  const latency = latencyMs === undefined ? "" : ` · ${formatElapsed(latencyMs)}`;
  const why = eligibility === undefined || eligibility === reasonCode ? "" : ` (${eligibility})`;
  return {
    model: printable(model ?? `${provider}/-`),
    profile: printable(mode === undefined ? label : `${label} (${mode})`),
    status: `${status}${latency}`,
    notes: [...(error ?? "").split("\n").map((line, index) => `${line}${index === 0 ? why : ""}`), hint ?? ""]
      .map((line) => printable(line))
      .filter((line) => line.trim() !== ""),
  };
}

function formatElapsed(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(1)}s`;
}
