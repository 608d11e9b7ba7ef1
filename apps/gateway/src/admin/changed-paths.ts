/** How deep a place is named; what is below counts as a part of it. */
const DEPTH = 3;

/** Places in which two readings of a configuration differ. Names them, and never what stands there. */
export function changedPaths(before: unknown, after: unknown, path: readonly string[] = []): readonly string[] {
  if (path.length < DEPTH && isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => changedPaths(memberOf(before, name), memberOf(after, name), [...path, name])).toSorted();
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path.join(".")];
}

/** Names under which two environments hold other values. */
export function changedNames(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]).toSorted();
}

function memberOf(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? Object.entries(object).find(([own]) => own === name)?.[1] : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
