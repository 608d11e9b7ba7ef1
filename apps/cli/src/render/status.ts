import { printable } from "../io.ts";
import type { ProfileEntry, ProviderRow, StatusReport } from "../status-types.ts";
import { formatRemaining } from "./duration.ts";

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
  const accounts = auth.providers.length === 0 ? ["  none"] : auth.providers.flatMap((row) => providerLines(row, auth.oauth.profiles));
  const missing = auth.missingProvidersInUse.map(
    (provider) => `  ${printable(provider)}  set ${keyVariable(provider)}, in the environment or in .env of the state folder`,
  );
  return [...head, "", "Accounts", ...accounts, ...(missing.length > 0 ? ["", "Missing", ...missing] : [])].join("\n");
}

function providerLines(row: ProviderRow, profiles: readonly ProfileEntry[]): readonly string[] {
  const own = profiles.filter((profile) => profile.provider === row.provider);
  const stored = row.profiles.labels.map((label) => {
    const profile = own.find((entry) => label.startsWith(`${entry.profileId}=`));
    return `    ${pad(printable(label), 52)} ${profile ? healthOf(profile) : ""}`.trimEnd();
  });
  const keys = row.env?.keys ?? [];
  const shown = keys.map(
    (key) => `    ${pad(printable(`${key.origin}=${key.value}`), 52)} key${row.env?.layer === "env" ? "" : ` (${row.env?.layer})`}`,
  );
  const configured = row.modelsJson ? [`    ${pad(printable(`${row.modelsJson.value}`), 52)} key (${row.modelsJson.source})`] : [];
  return [`  ${printable(row.provider)}`, ...stored, ...shown, ...configured];
}

function healthOf(profile: ProfileEntry): string {
  const word = profile.status === "missing" ? "unknown" : profile.status;
  const reason = profile.reasonCode !== undefined && profile.reasonCode !== profile.status ? ` (${profile.reasonCode})` : "";
  if (profile.status === "static") return `${word}${reason}`;
  if (profile.remainingMs === undefined) return `${word}${reason}`;
  if (profile.remainingMs <= 0) return profile.isRefreshable ? `${word}, access expired, refreshable` : `${word}${reason}`;
  return `${word}, expires in ${formatRemaining(profile.remainingMs)}${reason}`;
}

function list(label: string, values: readonly string[]): readonly string[] {
  return values.length === 0 ? [] : [line(`${label} (${values.length})`, values.join(", "))];
}

function line(label: string, value: string): string {
  return `${label.padEnd(14)} : ${printable(value)}`;
}

function pad(text: string, width: number): string {
  return text.padEnd(width);
}

function keyVariable(provider: string): string {
  return `${provider.toUpperCase().replaceAll("-", "_")}_API_KEY`;
}
