import { printable } from "../io.ts";
import type { ApplyResult } from "../secrets-plan/apply.ts";

/** `secrets apply` for people. */
export function renderSecretsApply(result: ApplyResult, display: (path: string) => string): string {
  const { mode, changed, changedFiles, skippedExecRefs, warnings } = result;
  return [
    headline(result),
    ...changedFiles.map((file) => `  ${printable(display(file))}`),
    ...(skippedExecRefs > 0 ? [`References to commands that were not run: ${skippedExecRefs} (--allow-exec runs them)`] : []),
    ...(mode === "write" && changed ? ["A running gateway takes the references up with: openclaw secrets reload"] : []),
    ...(warnings.length > 0 ? [`Warnings: ${warnings.length}`] : []),
    ...warnings.map(({ code, file, path, message }) => {
      const place = [file && display(file), path].filter((part) => part !== undefined).join(" ");
      return `  ${printable(`${code}: ${place === "" ? "" : `${place}: `}${message}`)}`;
    }),
  ].join("\n");
}

/** What became of what a killed run had left, in a sentence. */
export function renderRecovered({ recovered }: Pick<ApplyResult, "recovered">): string | undefined {
  if (recovered === undefined) return undefined;
  return recovered.outcome === "completed"
    ? `An earlier run was stopped half way: its ${recovered.paths.length} files were completed first.`
    : "An earlier run was stopped before it changed anything: what it had prepared was removed.";
}

function headline({ mode, changed, changedFiles }: ApplyResult): string {
  if (mode === "dry-run") return `Secrets apply dry run: ${changedFiles.length} file(s) would change.`;
  return changed ? `Secrets applied. Updated ${changedFiles.length} file(s).` : "Secrets apply: no changes.";
}
