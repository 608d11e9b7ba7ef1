import { printable } from "../io.ts";
import type { ProfileEntry, ProviderRow, StatusReport } from "../status-types.ts";
import { formatRemaining } from "./duration.ts";

/** Longest label that still moves the column of states. */
const MAX_LABEL = 72;

/** `models status` for people. */
export function renderStatus(report: StatusReport, display: (path: string) => string): string {
  const { auth } = report;
  const head = [
    line("Config", display(report.configPath)),
    ...(report.agentId === undefined ? [] : [line("Agent", report.agentId)]),
    line("Agent dir", display(report.agentDir)),
    line(
      "Default",
      report.resolvedDefault === report.defaultModel ? report.defaultModel : `${report.defaultModel} -> ${report.resolvedDefault}`,
    ),
    ...list("Fallbacks", report.fallbacks),
    ...(report.imageModel === null ? [] : [line("Image model", report.imageModel)]),
    ...list("Image fallbacks", report.imageFallbacks),
    ...list(
      "Aliases",
      Object.entries(report.aliases).map(([alias, model]) => `${alias} = ${model}`),
    ),
    ...list("Models", report.allowed),
  ];
  const rows = auth.providers.map((row) => ({ row, lines: accountLines(row, auth.oauth.profiles) }));
  const width = Math.min(MAX_LABEL, Math.max(0, ...rows.flatMap(({ lines }) => lines.map(({ label }) => printable(label).length))));
  const accounts = rows.flatMap(({ row, lines }) => [
    `  ${printable(row.provider)}`,
    ...lines.flatMap(({ label, state, hint }) => [
      `    ${printable(label).padEnd(width)}  ${printable(state)}`.trimEnd(),
      ...(hint === undefined ? [] : [`      ${printable(hint)}`]),
    ]),
    ...(row.problem === undefined ? [] : [`    ! ${printable(row.problem)}`]),
    ...leftOut(row).map((text) => `    ! ${printable(text)}`),
  ]);
  const unusable = auth.unusableInUse.flatMap(({ name, reason, hint }) => [
    `  ${printable(name)}: ${printable(reason)}`,
    ...(hint === undefined ? [] : [`    ${printable(hint)}`]),
  ]);
  const notes = auth.storeNotes.map(({ message }) => `  ${printable(message)}`);
  return [
    ...head,
    "",
    "Accounts",
    ...(accounts.length > 0 ? accounts : ["  none"]),
    ...(unusable.length > 0 ? ["", "In use, but cannot work", ...unusable] : []),
    ...(notes.length > 0 ? ["", `In ${display(auth.storePath)}`, ...notes] : []),
  ].join("\n");
}

interface AccountLine {
  readonly label: string;
  readonly state: string;
  readonly hint?: string | undefined;
}

function accountLines(row: ProviderRow, profiles: readonly ProfileEntry[]): readonly AccountLine[] {
  const stored = row.profiles.labels.map((label) => {
    const profile = profiles.find((entry) => label.startsWith(`${entry.profileId}=`));
    return { label, state: profile ? stateOf(profile) : "", hint: profile?.hint };
  });
  const layer = row.env === undefined || row.env.layer === "env" ? "" : `, ${row.env.layer}`;
  const keys = (row.env?.keys ?? []).map((key) => ({ label: `${key.origin}=${key.value}`, state: `key${layer}` }));
  const configured = row.modelsJson ? [{ label: row.modelsJson.value, state: `key, ${row.modelsJson.source}` }] : [];
  return [...stored, ...keys, ...configured];
}

/** Reasons that the state of the profile itself does not already say. */
function leftOut(row: ProviderRow): readonly string[] {
  const known = new Set(["expired", "missing_credential", "invalid_expires", "unresolved_ref"]);
  return row.excluded.filter(({ reason }) => !known.has(reason)).map(({ id, reason }) => `${id} is left out: ${reason}`);
}

/** What a person needs to know of a profile: whether it works, and for how long. */
function stateOf(profile: ProfileEntry): string {
  const { status, access, reasonCode, remainingMs } = profile;
  if (access === "missing" && profile.type !== "oauth") return `cannot be used: ${reasonCode ?? "missing"}`;
  const word = status === "missing" ? "unknown" : status;
  const reason = reasonCode !== undefined && reasonCode !== status ? ` (${reasonCode})` : "";
  if (status === "static" || remainingMs === undefined) return `${word}${reason}`;
  if (remainingMs > 0) return `${word}, expires in ${formatRemaining(remainingMs)}${reason}`;
  return `${word}${renewals[profile.refresh]}${reason}`;
}

/** Of a login whose access has ended. */
const renewals: Readonly<Record<ProfileEntry["refresh"], string>> = {
  ready: ", access expired, refreshable",
  paused: ", access expired, refreshed once its provider can",
  indeterminate: ", its refresh token may be spent",
  rejected: ", its provider refused to refresh it",
  none: "",
};

function list(label: string, values: readonly string[]): readonly string[] {
  return values.length === 0 ? [] : [line(`${label} (${values.length})`, values.join(", "))];
}

function line(label: string, value: string): string {
  return `${label.padEnd(14)} : ${printable(value)}`;
}
