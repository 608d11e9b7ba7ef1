import { flatEntries, flatEntry, unflattened } from "./flat-store.ts";
import { isRecord, ownValue, type UnknownRecord } from "./record.ts";

/** An account as the file of a store has it. It may hold secrets, and it may be none that can be used. */
export interface StoredEntry {
  readonly id: string;
  /** Where it stands: under `profiles`, or at the top. */
  readonly path: readonly string[];
  /** As written; with the type and the provider that its place says, where it does not say them itself. */
  readonly entry: UnknownRecord;
  /** An account beside `profiles`, or a second one of the same id, is read by nobody. */
  readonly isRead: boolean;
}

/** The accounts of a parsed auth-profiles.json, also of one without `profiles`, those first that are read. */
export function storedEntries(store: UnknownRecord): readonly StoredEntry[] {
  const flat = flatEntries(store);
  const profiles = unflattened(store, flat)["profiles"];
  const nameOf = new Map(flat.map(({ id, name }) => [id, name]));
  const read = Object.entries(isRecord(profiles) ? profiles : {}).flatMap(([id, entry]): readonly StoredEntry[] => {
    const name = nameOf.get(id);
    return isRecord(entry) ? [{ id, path: name === undefined ? ["profiles", id] : [name], entry, isRead: true }] : [];
  });
  const names = new Set(nameOf.values());
  const unread = Object.keys(store).flatMap((name): readonly StoredEntry[] => {
    const entry = ownValue(store, name);
    const found = names.has(name) ? undefined : flatEntry(name, entry);
    return found && isRecord(entry) ? [{ id: found.id, path: [name], entry: { ...entry, ...found.missing }, isRead: false }] : [];
  });
  return [...read, ...unread];
}
