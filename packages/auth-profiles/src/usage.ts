import { frozenRecord, isRecord, readText, type UnknownRecord } from "./record.ts";

/** A time in which a credential is to be left alone. */
export interface UsageWindow {
  /** Epoch milliseconds. A window whose end has passed says nothing any more. */
  readonly until: number;
  readonly reason: string;
  readonly count?: number;
  /** `disabled` needs somebody to act (pay, replace the key); `cooldown` ends by itself. */
  readonly kind: "cooldown" | "disabled";
}

/** What is remembered of a credential's use. */
export interface ProfileUsage {
  readonly lastUsed?: number;
  /** By model; `*` for all models. */
  readonly windows: Readonly<Record<string, UsageWindow>>;
}

export type UsageMap = ReadonlyMap<string, ProfileUsage>;

const ALL_MODELS = "*";
const disablingReasons: ReadonlySet<string> = new Set(["billing", "auth_permanent"]);

/** Reads `credentials` of auth-state.json. */
export function parseStateUsage(credentials: unknown): UsageMap {
  return parseEach(credentials, (entry) => {
    const windows = isRecord(entry["windows"]) ? Object.entries(entry["windows"]) : [];
    return windows.flatMap(([model, value]) => {
      if (!isRecord(value)) return [];
      const reason = readText(value["reason"]) ?? "unknown";
      return toWindow(model, value["until"], reason, value["count"], disablingReasons.has(reason) ? "disabled" : "cooldown");
    });
  });
}

/** Reads `usageStats` of an older auth-profiles.json. */
export function parseUsageStats(usageStats: unknown): UsageMap {
  return parseEach(usageStats, (entry) => {
    const reason = readText(entry["disabledReason"]) ?? "unknown";
    const counts = isRecord(entry["failureCounts"]) ? entry["failureCounts"] : {};
    return [
      ...toWindow(
        readText(entry["cooldownModel"]) ?? ALL_MODELS,
        entry["cooldownUntil"],
        readText(entry["cooldownReason"]) ?? "unknown",
        entry["errorCount"],
        "cooldown",
      ),
      ...toWindow(ALL_MODELS, entry["disabledUntil"], reason, Object.hasOwn(counts, reason) ? counts[reason] : undefined, "disabled"),
    ];
  });
}

/** The window that keeps a credential from being used now (for a model, if one is given), the one that ends last. */
export function currentWindow(usage: ProfileUsage | undefined, now: number, model?: string): UsageWindow | undefined {
  return Object.entries(usage?.windows ?? {})
    .filter(([name, window]) => (name === ALL_MODELS || name === model) && now < window.until)
    .map(([, window]) => window)
    .toSorted((left, right) => right.until - left.until)[0];
}

/** The models that any of these credentials has a window of its own for. */
export function modelsWithWindows(usage: UsageMap, ids: readonly string[]): ReadonlySet<string> {
  const models = new Set(ids.flatMap((id) => Object.keys(usage.get(id)?.windows ?? {})));
  models.delete(ALL_MODELS);
  return models;
}

type ModelWindow = readonly [model: string, window: UsageWindow];

function parseEach(entries: unknown, readWindows: (entry: UnknownRecord) => readonly ModelWindow[]): UsageMap {
  const usage = new Map<string, ProfileUsage>();
  if (!isRecord(entries)) return usage;
  for (const id of Object.keys(entries)) {
    const entry = entries[id];
    if (!isRecord(entry)) continue;
    const lastUsed = readTime(entry["lastUsed"]);
    const found = readWindows(entry);
    // The one that ends last is kept where two windows are for the same model.
    const windows = found.length === 0 ? NO_WINDOWS : frozenRecord(found.toSorted(([, left], [, right]) => left.until - right.until));
    usage.set(id, Object.freeze(lastUsed === undefined ? { windows } : { lastUsed, windows }));
  }
  return usage;
}

/** Most have none, and a record for each of them would be most of what a store takes. */
const NO_WINDOWS = frozenRecord<UsageWindow>([]);

function toWindow(model: string, until: unknown, reason: string, count: unknown, kind: UsageWindow["kind"]): readonly ModelWindow[] {
  const end = readTime(until);
  if (end === undefined) return [];
  return [[model, { until: end, reason, ...(typeof count === "number" && { count }), kind }]];
}

function readTime(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;
}
