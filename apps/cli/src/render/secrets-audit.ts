import { printable } from "../io.ts";
import type { AuditFinding, AuditReport, ValueFinding } from "../secrets-audit/audit-types.ts";

/** How many findings people are shown at once. */
const MOST_SHOWN = 20;

/** `secrets audit` for people. */
export function renderAudit(report: AuditReport, display: (path: string) => string): string {
  const { findings, valueFindings, filesNotSearched, notices } = report;
  const places = valueFindings.map((finding) => valueLine(finding, display));
  const unsearched = filesNotSearched.map(({ file, reason }) => `  ${printable(display(file))}: ${printable(reason)}`);
  return [
    summaryLine(report),
    ...shortened(findings.map((finding) => findingLine(finding, display))),
    ...(places.length > 0 ? ["", "Known values in other places", ...shortened(places)] : []),
    ...(unsearched.length > 0 ? ["", "Not searched, or not all of it", ...shortened(unsearched)] : []),
    ...(notices.length > 0 ? ["", ...notices.map(({ message }) => printable(message))] : []),
    ...advice(report),
  ].join("\n");
}

function summaryLine({ status, summary, resolution, filesScanned, filesSearched }: AuditReport): string {
  const scope = `${count(filesScanned.length, "file")} checked, ${filesSearched.length} searched by value, ${count(resolution.refsChecked, "reference")} tried`;
  const skipped = resolution.skippedExecRefs === 0 ? "" : `, ${resolution.skippedExecRefs} not run`;
  if (status === "clean" && summary.valueFindingCount === 0) return `Secrets audit: nothing found (${scope}${skipped}).`;
  const parts = [
    [summary.plaintextCount, "in plaintext"],
    [summary.unresolvedRefCount, "unresolved"],
    [summary.shadowedRefCount, "shadowed"],
    [summary.legacyResidueCount, "left over"],
    [summary.valueFindingCount, "known by value in other places"],
  ] as const;
  const found = parts.flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]));
  return `Secrets audit: ${found.join(", ")} (${scope}${skipped}).`;
}

function findingLine({ code, severity, file, jsonPath, message }: AuditFinding, display: (path: string) => string): string {
  return `  ${severity.padEnd(5)} ${code} ${printable(display(file))}: ${printable(jsonPath)}\n        ${printable(message)}`;
}

function valueLine({ file, line, offset, form, secret, fingerprint }: ValueFinding, display: (path: string) => string): string {
  const place = line === undefined ? `byte ${offset}` : `line ${line}`;
  const how = form === "plain" ? "" : `, ${form}`;
  return `  ${printable(display(file))}, ${place}: ${printable(secret)}${fingerprint === undefined ? "" : ` ${fingerprint}`}${how}`;
}

function shortened(lines: readonly string[]): readonly string[] {
  const rest = lines.length - MOST_SHOWN;
  return rest > 0 ? [...lines.slice(0, MOST_SHOWN), `  and ${rest} more (--json lists them all)`] : lines;
}

/** What to type next, where there is something: about a login, whose tokens have no other place, there is not. */
function advice({ findings, summary, resolution }: AuditReport): readonly string[] {
  const lines = [
    ...(findings.some(({ code, severity }) => code === "PLAINTEXT_FOUND" || (code === "LEGACY_RESIDUE" && severity === "warn"))
      ? ["move values out of the files: openclaw secrets configure, then openclaw secrets apply --from <plan>"]
      : []),
    ...(summary.unresolvedRefCount > 0 ? ["correct the references named above; nothing falls back to another credential"] : []),
    ...(summary.valueFindingCount > 0 ? ["delete those copies, and replace a key that others may have read"] : []),
    ...(resolution.skippedExecRefs > 0 ? ["check references to commands too: openclaw secrets audit --allow-exec"] : []),
  ];
  return lines.length === 0 ? [] : ["", ...lines];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
