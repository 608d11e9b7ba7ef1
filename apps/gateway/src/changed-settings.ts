import { isDeepStrictEqual } from "node:util";

/** What is set in another way than before. Names places, never a value. */
export interface ChangedSettings {
  /** Places of `openclaw.json`. */
  readonly config: readonly string[];
  /** Variables, in `.env` or elsewhere. */
  readonly env: readonly string[];
}

/** How deep a place is named; what is below counts as a part of it. */
const DEPTH = 3;

/** Compares two readings of a home. */
export function changedSettings(before: Settings, after: Settings): ChangedSettings {
  if (before === after) return { config: [], env: [] };
  return { config: changedPaths(before.config, after.config), env: changedNames(before.env.values, after.env.values) };
}

/** What there is of a home to be compared. */
interface Settings {
  readonly config: unknown;
  readonly env: { readonly values: Readonly<Record<string, unknown>> };
}

/** Places in which two readings of a configuration differ. Names them, and never what stands there. */
function changedPaths(before: unknown, after: unknown, path: readonly string[] = []): readonly string[] {
  if (path.length >= DEPTH || !isObject(before) || !isObject(after)) {
    // As JSON, what may hold a secret is the same whatever it holds.
    return isDeepStrictEqual(before, after) ? [] : [path.join(".")];
  }
  const [old, present] = [new Map<string, unknown>(Object.entries(before)), new Map<string, unknown>(Object.entries(after))];
  const names = [...new Set([...old.keys(), ...present.keys()])].toSorted();
  return names.flatMap((name) => changedPaths(old.get(name), present.get(name), [...path, name]));
}

/** Names under which two environments hold other values. */
function changedNames(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]).toSorted();
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
