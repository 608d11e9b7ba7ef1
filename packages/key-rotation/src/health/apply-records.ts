import { frozenRecord, isRecord, membersOf, type UnknownRecord } from "./parse-records.ts";
import type { CredentialRecord, HealthRecords, WindowRecord } from "./record.ts";
import { isSameWindow } from "./same-records.ts";

/** The format this version writes. A file with a newer one is only read. */
export const STATE_VERSION = 1;

/** Clients choose model names, so there is no end to them. */
const MOST_WINDOWS = 1000;
const LONGEST_MODEL = 512;

/** What of it is written: the thousand windows that end last, and none for a model with an endless name. */
export function boundedRecords(records: HealthRecords): HealthRecords {
  const windows = [...records.credentials].flatMap(([id, record]) =>
    Object.entries(record.windows).map(([model, window]) => ({ id, model, window })),
  );
  const kept = windows.filter(({ model }) => model.length <= LONGEST_MODEL);
  if (kept.length > MOST_WINDOWS) {
    kept.sort((left, right) => right.window.until - left.window.until);
    kept.length = MOST_WINDOWS;
  }
  if (kept.length === windows.length) return records;
  const byId = Map.groupBy(kept, ({ id }) => id);
  const credentials = new Map<string, CredentialRecord>();
  for (const [id, record] of records.credentials) {
    credentials.set(id, { ...record, windows: frozenRecord((byId.get(id) ?? []).map(({ model, window }) => [model, window])) });
  }
  return { ...records, credentials };
}

/**
 * The content of the file after a change. What did not change stays as it stands there, whatever it is, and so do the
 * fields nobody here knows beside what did. `undefined` where nothing changed.
 */
export function applyRecords(json: UnknownRecord, before: HealthRecords, after: HealthRecords): UnknownRecord | undefined {
  const credentials = membersOf(json["credentials"]);
  let isChanged = false;
  for (const id of new Set([...before.credentials.keys(), ...after.credentials.keys()])) {
    const entry = applyCredential(credentials.get(id), before.credentials.get(id), after.credentials.get(id));
    if (entry === credentials.get(id)) continue;
    isChanged = true;
    if (entry === undefined) credentials.delete(id);
    else credentials.set(id, entry);
  }
  const lastGood = changedMembers(json["lastGood"], before.lastGood, after.lastGood, (left, right) => left === right);
  if (!isChanged && lastGood === undefined) return undefined;
  return {
    ...(json["version"] === undefined && { version: STATE_VERSION }),
    ...json,
    ...(isChanged && { credentials: Object.fromEntries(credentials) }),
    ...(lastGood && { lastGood }),
  };
}

function applyCredential(entry: unknown, before: CredentialRecord | undefined, after: CredentialRecord | undefined): unknown {
  const windows = changedMembers(
    membersOf(entry).get("windows"),
    before?.windows ?? {},
    after?.windows ?? {},
    isSameWindow,
    (old, window) => ({
      ...(isRecord(old) && old),
      ...windowFields(window),
    }),
  );
  const isUsed = before?.lastUsed !== after?.lastUsed;
  if (windows === undefined && !isUsed && before !== undefined && after !== undefined) return entry;
  const fields = membersOf(entry);
  if (after?.lastUsed !== undefined) fields.set("lastUsed", after.lastUsed);
  else if (before?.lastUsed !== undefined) fields.delete("lastUsed");
  if (windows !== undefined || !fields.has("windows")) fields.set("windows", windows ?? {});
  const isBare = fields.size === 1 && membersOf(fields.get("windows")).size === 0;
  return after === undefined && isBare ? undefined : Object.fromEntries(fields);
}

function windowFields({ until, reason, count }: WindowRecord): UnknownRecord {
  return { until, reason, count };
}

/** The members of an object after a change, `undefined` where nothing changed. */
function changedMembers<V>(
  json: unknown,
  before: Readonly<Record<string, V>>,
  after: Readonly<Record<string, V>>,
  isSame: (left: V | undefined, right: V | undefined) => boolean,
  encode: (old: unknown, value: V) => unknown = (_, value) => value,
): UnknownRecord | undefined {
  const [old, changed] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const members = membersOf(json);
  let isChanged = false;
  for (const name of new Set([...old.keys(), ...changed.keys()])) {
    const value = changed.get(name);
    if (isSame(old.get(name), value)) continue;
    isChanged = true;
    if (value === undefined) members.delete(name);
    else members.set(name, encode(members.get(name), value));
  }
  return isChanged ? Object.fromEntries(members) : undefined;
}
