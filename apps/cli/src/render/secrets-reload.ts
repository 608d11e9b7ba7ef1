import { printable } from "../io.ts";
import type { GatewayReloadReport, ReloadFailure } from "../reload-report.ts";

/** `secrets reload` for people. Names places, never a value. */
export function renderReload(report: GatewayReloadReport): string {
  const { changed, failures, diagnostics } = report;
  const warnings = diagnostics.map(({ code, message }) => `  ${printable(`${code}: ${message}`)}`);
  const isKept = report.outcome === "kept";
  return [
    headline(report),
    ...changed.map((path) => `  ${printable(path)}`),
    ...(failures.length === 0
      ? []
      : [isKept ? "Did not resolve:" : "Did not resolve, and what needs them keeps its last value or is off:"]),
    ...failures.flatMap((failure) => failureLines(failure)),
    ...(warnings.length === 0 ? [] : [`Warnings (${report.warningCount}):`, ...warnings]),
  ].join("\n");
}

function headline({ outcome, changed, generation }: GatewayReloadReport): string {
  if (outcome === "kept") return `Not reloaded: the gateway keeps the secrets it had (generation ${generation}).`;
  if (changed.length === 0) return `Everything was read again, and no secret changed (generation ${generation}).`;
  return `Secrets reloaded, ${changed.length} changed (generation ${generation}):`;
}

function failureLines({ path, ref, code, message, hint }: ReloadFailure): readonly string[] {
  const fix = hint ?? `openclaw secrets explain ${path}`;
  return [`  ${printable(`${path} (${ref}) ${code}: ${message}`)}`, `    ${printable(fix)}`];
}
