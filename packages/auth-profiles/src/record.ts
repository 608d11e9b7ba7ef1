export type UnknownRecord = Readonly<Record<string, unknown>>;

/** A JSON object: neither an array nor null. */
export function isRecord(value: unknown): value is UnknownRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An own property and nothing inherited: `constructor` is no profile. */
export function ownValue<V>(record: Readonly<Record<string, V>> | undefined, key: string): V | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** A frozen record without a prototype, so that a key such as `__proto__` is a key like any other. */
export function frozenRecord<V>(entries: Iterable<readonly [string, V]>): Readonly<Record<string, V>> {
  const record: Record<string, V> = Object.create(null);
  for (const [key, value] of entries) record[key] = value;
  return Object.freeze(record);
}

/** The trimmed text, or `undefined` for anything else and for a blank. */
export function readText(value: unknown): string | undefined {
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" ? undefined : text;
}
