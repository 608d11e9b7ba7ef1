import type { CredentialRecord, HealthRecords, WindowRecord } from "./record.ts";

export type UnknownRecord = Readonly<Record<string, unknown>>;

/** A JSON object: neither an array nor null. */
export function isRecord(value: unknown): value is UnknownRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Members of a JSON object; of anything else there are none. */
export function membersOf(value: unknown): Map<string, unknown> {
  return new Map(isRecord(value) ? Object.entries(value) : []);
}

/** A frozen record without a prototype, so that a model called `__proto__` is a model like any other. */
export function frozenRecord<V>(entries: Iterable<readonly [string, V]>): Readonly<Record<string, V>> {
  const record: Record<string, V> = Object.create(null);
  for (const [key, value] of entries) record[key] = value;
  return Object.freeze(record);
}

/**
 * Reads the content of `auth-state.json`. What makes no sense is passed over, for bookkeeping must not stop anybody: an
 * entry that is no object, a window that ends at no time. Fields nobody here knows are not read; writing keeps them.
 */
export function parseRecords(json: UnknownRecord): HealthRecords {
  const credentials = new Map<string, CredentialRecord>();
  for (const [id, entry] of membersOf(json["credentials"])) {
    if (isRecord(entry)) credentials.set(id, parseCredential(entry));
  }
  const lastGood = [...membersOf(json["lastGood"])].flatMap(([provider, id]) =>
    typeof id === "string" && id !== "" ? [[provider, id] as const] : [],
  );
  return Object.freeze({ credentials, lastGood: frozenRecord(lastGood) });
}

function parseCredential(entry: UnknownRecord): CredentialRecord {
  const lastUsed = readTime(entry["lastUsed"]);
  const windows = [...membersOf(entry["windows"])].flatMap(([model, value]) => {
    const window = parseWindow(value);
    return window === undefined ? [] : [[model, window] as const];
  });
  return Object.freeze({ ...(lastUsed !== undefined && { lastUsed }), windows: frozenRecord(windows) });
}

function parseWindow(value: unknown): WindowRecord | undefined {
  if (!isRecord(value)) return undefined;
  const until = readTime(value["until"]);
  if (until === undefined) return undefined;
  const { reason, count } = value;
  return Object.freeze({
    until,
    reason: typeof reason === "string" && reason !== "" ? reason : "unknown",
    count: typeof count === "number" && Number.isFinite(count) ? Math.max(1, Math.floor(count)) : 1,
  });
}

function readTime(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;
}
