/** How deep a place is named; what is below counts as a part of it. */
const DEPTH = 3;

/** Places in which two readings of a configuration differ. Names them, and never what stands there. */
export function changedPaths(before: unknown, after: unknown, path: readonly string[] = []): readonly string[] {
  if (path.length >= DEPTH || !isObject(before) || !isObject(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [path.join(".")];
  }
  const [old, present] = [new Map<string, unknown>(Object.entries(before)), new Map<string, unknown>(Object.entries(after))];
  const names = [...new Set([...old.keys(), ...present.keys()])].toSorted();
  return names.flatMap((name) => changedPaths(old.get(name), present.get(name), [...path, name]));
}

/** Names under which two environments hold other values. */
export function changedNames(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]).toSorted();
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
