import type { CredentialRecord, HealthRecords, WindowRecord } from "./record.ts";

/** Whether two windows are the same, or neither is there. */
export function isSameWindow(left: WindowRecord | undefined, right: WindowRecord | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return left.until === right.until && left.reason === right.reason && left.count === right.count;
}

/** Whether two records name the same windows, and the same use. */
export function isSameRecords(left: HealthRecords, right: HealthRecords): boolean {
  return (
    isSameMap(left.credentials, right.credentials, (one, other) => one.lastUsed === other.lastUsed && hasSameWindows(one, other)) &&
    isSameGood(left, right)
  );
}

/** Whether the same have answered last. */
export function isSameGood(left: HealthRecords, right: HealthRecords): boolean {
  return isSameMap(new Map(Object.entries(left.lastGood)), new Map(Object.entries(right.lastGood)), (one, other) => one === other);
}

/** Whether two records name the same windows, whatever they say of use. */
export function isSameCooldowns(left: HealthRecords, right: HealthRecords): boolean {
  return isSameMap(cooled(left), cooled(right), hasSameWindows);
}

/** Whether one names windows that the other does not name, neither so nor otherwise. */
export function hasMoreWindows({ credentials }: HealthRecords, other: HealthRecords): boolean {
  return [...credentials].some(([id, { windows }]) => {
    const known = other.credentials.get(id)?.windows ?? {};
    return Object.keys(windows).some((model) => !Object.hasOwn(known, model));
  });
}

function hasSameWindows(left: CredentialRecord, right: CredentialRecord): boolean {
  return isSameMap(new Map(Object.entries(left.windows)), new Map(Object.entries(right.windows)), isSameWindow);
}

function cooled({ credentials }: HealthRecords): ReadonlyMap<string, CredentialRecord> {
  return new Map([...credentials].filter(([, { windows }]) => Object.keys(windows).length > 0));
}

function isSameMap<V>(left: ReadonlyMap<string, V>, right: ReadonlyMap<string, V>, isSame: (left: V, right: V) => boolean): boolean {
  if (left.size !== right.size) return false;
  for (const [key, value] of left) {
    const other = right.get(key);
    if (other === undefined || !isSame(value, other)) return false;
  }
  return true;
}
