import type { Cooldown } from "@openclaw/home";
import { printable } from "../io.ts";
import type { ProfileEntry, ProviderRow, StatusReport, StoreNote } from "../status-types.ts";
import { cooldownText } from "./cooldown.ts";
import { formatRemaining } from "./duration.ts";

/** Longest label that has its state beside it; the state of a longer one is on a line of its own. */
const MAX_LABEL = 52;

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
    ...(auth.pins === "strict" ? [] : [line("Pins", "a first choice (auth.pins: prefer)")]),
    ...(auth.billingCrossing === "refuse" ? [] : [line("Billing", "orders and pins go on to keys (auth.billingCrossing: allow)")]),
  ];
  const shown = new Set<Cooldown>();
  const cooling = (id: string) => {
    const own = auth.cooldowns.filter((cooldown) => cooldown.id === id);
    for (const cooldown of own) shown.add(cooldown);
    return own.map((cooldown) => cooldownText(cooldown, report.at));
  };
  const rows = auth.providers.map((row) => ({ row, lines: accountLines(row, auth.oauth.profiles, cooling) }));
  const lengths = rows.flatMap(({ lines }) => lines.map(({ label }) => printable(label).length));
  const width = Math.max(0, ...lengths.filter((length) => length <= MAX_LABEL));
  const accounts = rows.flatMap(({ row, lines }) => [
    `  ${printable(row.provider)}${row.strategy === undefined ? "" : `, ${row.strategy}`}`,
    ...lines.flatMap(({ label, state, hint, cooldowns }) => [
      ...labelled(printable(label), printable(state), width),
      ...cooldowns.map((text) => `      ${printable(text)}`),
      ...(hint === undefined ? [] : [`      ${printable(hint)}`]),
    ]),
    ...(row.problem === undefined ? [] : [`    ! ${printable(row.problem)}`]),
    ...leftOut(row).map((text) => `    ! ${printable(text)}`),
  ]);
  const unusable = auth.unusableInUse.flatMap(({ name, reason, hint }) => [
    `  ${printable(name)}: ${printable(reason)}`,
    ...(hint === undefined ? [] : [`    ${printable(hint)}`]),
  ]);
  const others = auth.cooldowns.filter((cooldown) => !shown.has(cooldown));
  const paid = auth.billingNotices.flatMap(({ asked, message }) => [`  ${printable(asked)}: ${printable(message)}`]);
  const files = [...Map.groupBy(auth.storeNotes, ({ path = auth.storePath }) => path)];
  return [
    ...head,
    "",
    "Accounts",
    ...(accounts.length > 0 ? accounts : ["  none"]),
    ...(others.length > 0 ? ["", "Cooldowns", ...others.flatMap((cooldown) => otherLines(cooldown, report.at))] : []),
    ...(paid.length > 0 ? ["", "Billing", ...paid] : []),
    ...(unusable.length > 0 ? ["", "In use, but cannot work", ...unusable] : []),
    ...files.flatMap(([path, notes]) => ["", `In ${printable(display(path))}`, ...notes.flatMap(noteLines)]),
  ].join("\n");
}

function noteLines({ message, hint }: StoreNote): readonly string[] {
  return [`  ${printable(message)}`, ...(hint === undefined ? [] : [`    ${printable(hint)}`])];
}

function labelled(label: string, state: string, width: number): readonly string[] {
  if (label.length > MAX_LABEL && state !== "") return [`    ${label}`, `      ${state}`];
  return [`    ${label.padEnd(width)}  ${state}`.trimEnd()];
}

interface AccountLine {
  readonly label: string;
  readonly state: string;
  readonly hint?: string | undefined;
  readonly cooldowns: readonly string[];
}

function accountLines(
  row: ProviderRow,
  profiles: readonly ProfileEntry[],
  cooling: (id: string) => readonly string[],
): readonly AccountLine[] {
  const stored = row.profiles.labels.map((label) => {
    const profile = profiles.find((entry) => label.startsWith(`${entry.profileId}=`));
    if (!profile) return { label, state: "", cooldowns: [] };
    const { profileId, value, hint } = profile;
    return { label: `${profileId}=${value}`, state: `${stateOf(profile)}${payerOf(profile)}`, hint, cooldowns: cooling(profileId) };
  });
  const layer = row.env === undefined || row.env.layer === "env" ? "" : `, ${row.env.layer}`;
  const keys = (row.env?.keys ?? []).map(({ origin, value, id, billing }) => ({
    label: `${origin}=${value}`,
    state: `key${layer}${billing === "metered" ? "" : `, ${payers[billing]}`}`,
    cooldowns: cooling(id),
  }));
  const configured = row.modelsJson;
  const shown = new Set((row.env?.keys ?? []).map(({ value }) => value));
  const isTwin = configured !== undefined && shown.has(configured.value);
  const own = configured && {
    label: configured.value,
    state: `key, ${configured.source}`,
    cooldowns: isTwin ? [] : cooling(fingerprintIn(configured.value)),
  };
  return [...stored, ...keys, ...(own ? [own] : [])];
}

/** The id of a key that no store holds. */
function fingerprintIn(value: string): string {
  const at = value.indexOf("#");
  return at < 0 ? value : value.slice(at);
}

const payers = { subscription: "flat plan", metered: "paid per token", local: "on this machine" } as const;

/** Who pays, where that is not what the kind of account says. */
function payerOf({ type, billing }: ProfileEntry): string {
  return billing === (type === "api_key" ? "metered" : "subscription") ? "" : `, ${payers[billing]}`;
}

/** What is of no account that is listed: a quota that several share, and what is left of accounts that have gone. */
function otherLines(cooldown: Cooldown, now: number): readonly string[] {
  const name = cooldown.origin === undefined ? cooldown.id : `${cooldown.origin} ${cooldown.id}`;
  return [`  ${printable(name)}`, `    ${printable(cooldownText(cooldown, now))}`];
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
