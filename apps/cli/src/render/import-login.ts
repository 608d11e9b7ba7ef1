import { printable } from "../io.ts";
import type { ImportReport } from "../models-auth/import-login.ts";

const done = { added: "Imported", updated: "Updated", replaced: "Replaced" } as const;
const planned = { added: "Would import", updated: "Would update", replaced: "Would replace" } as const;

/** `models auth import` for people. */
export function renderImport(report: ImportReport): string {
  const { owner, file, agentId, profileId, provider, type, outcome, expiresAt, isTakenOver, isDryRun } = report;
  const account = `${profileId} (${provider}/${type})`;
  const end = new Date(expiresAt).toISOString();
  const head = {
    unchanged: `Already imported: ${account}`,
    kept:
      report.why === "fresher"
        ? `Kept ${profileId}: it lasts longer than the login of ${owner}, which ends ${end}. --replace takes that one all the same.`
        : `Kept ${profileId}: it can be renewed, and what is imported of ${owner} cannot. --replace takes that one all the same.`,
  };
  const isStored = outcome !== "unchanged" && outcome !== "kept";
  return [
    isStored ? `${(isDryRun ? planned : done)[outcome]} ${account}` : head[outcome],
    `Agent: ${agentId}`,
    `From: ${file}`,
    ...(outcome === "kept" ? [] : [`Ends: ${end}`, ...nextSteps(report, isTakenOver)]),
    ...(isDryRun ? ["Dry run, nothing was changed."] : []),
  ]
    .map(printable)
    .join("\n");
}

function nextSteps({ owner }: ImportReport, isTakenOver: boolean): readonly string[] {
  if (owner === "claude") {
    return [
      "It is a session of Claude Code: Anthropic may refuse it elsewhere, and only Claude Code renews it.",
      "For one that lasts: openclaw models auth setup-token",
    ];
  }
  return isTakenOver
    ? [`It is renewed here from now on, so ${owner} will have to log in again.`]
    : [`${owner} renews it, and it is not renewed here. After its end: openclaw models auth import ${owner}`];
}
