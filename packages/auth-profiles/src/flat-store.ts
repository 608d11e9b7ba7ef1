import { memberOf, objectNode, scalarNode, setMember, textOfNode, valueOfTree, type JsonObject } from "./json-tree.ts";
import { isRecord, readText, type UnknownRecord } from "./record.ts";

/** An account that stands beside `version` instead of in `profiles`. */
export interface FlatEntry {
  /** Its name at the top of the file: a provider, or the id of a profile. */
  readonly name: string;
  readonly id: string;
  /** What the place of the entry says, for the fields it does not have itself. */
  readonly missing: Readonly<Record<string, string>>;
}

const NEVER_ACCOUNTS: ReadonlySet<string> = new Set(["version", "profiles", "order", "lastGood", "usageStats"]);

/** What tells the type of an entry that does not say it. */
const telling = [
  ["api_key", ["key", "keyRef", "apiKey", "api_key", "key_ref"]],
  ["token", ["token", "tokenRef", "token_ref"]],
  ["oauth", ["access", "refresh", "accessToken", "access_token", "refreshToken", "refresh_token"]],
] as const;

/**
 * The accounts of a store without `profiles`, in which provider or id lead to a credential directly. None
 * where there are `profiles`: what else stands at the top of such a store belongs to somebody else.
 */
export function flatEntries(store: UnknownRecord): readonly FlatEntry[] {
  if (store["profiles"] !== undefined && store["profiles"] !== null) return [];
  const byId = new Map<string, FlatEntry>();
  for (const name of Object.keys(store)) {
    const entry = flatEntry(name, store[name]);
    if (entry !== undefined && !byId.has(entry.id)) byId.set(entry.id, entry);
  }
  return [...byId.values()];
}

/** One member of the top as an account, if it looks like one. */
export function flatEntry(name: string, entry: unknown): FlatEntry | undefined {
  const type = isRecord(entry) && name.trim() !== "" && !NEVER_ACCOUNTS.has(name) ? typeOf(entry) : undefined;
  if (type === undefined || !isRecord(entry)) return undefined;
  const stated = readText(entry["provider"]);
  const place = name.trim();
  const [fromName = place] = place.split(":", 1);
  const provider = stated ?? fromName;
  const isOtherName = stated !== undefined && stated.toLowerCase() !== place.toLowerCase();
  const id = place.includes(":") ? place : isOtherName ? `${provider}:${place}` : `${place}:default`;
  const hasType = readText(entry["type"] ?? entry["mode"]) !== undefined;
  return { name, id, missing: { ...(!hasType && { type }), ...(stated === undefined && { provider }) } };
}

/** A flat store as the documented one. Any other is handed back. */
export function unflattened(store: UnknownRecord, entries: readonly FlatEntry[]): UnknownRecord {
  if (entries.length === 0) return store;
  const names = new Set(entries.map(({ name }) => name));
  const rest = Object.fromEntries(Object.entries(store).filter(([name]) => !names.has(name)));
  const profiles = entries.map(({ name, id, missing }) => {
    const entry = store[name];
    return [id, { ...(isRecord(entry) ? entry : {}), ...missing }] as const;
  });
  return { ...rest, profiles: Object.fromEntries(profiles) };
}

/** The same for a store that will be written; every token of it stays. */
export function unflattenedTree(store: JsonObject): JsonObject {
  const profilesNode = memberOf(store, "profiles");
  if (profilesNode !== undefined && (profilesNode.kind !== "scalar" || valueOfTree(profilesNode) !== null)) return store;
  const value = valueOfTree(store);
  const entries = isRecord(value) ? flatEntries(value) : [];
  if (entries.length === 0) return store;
  const profiles = objectNode();
  for (const { name, id, missing } of entries) {
    const entry = memberOf(store, name);
    if (entry?.kind !== "object") continue;
    const filled = objectNode(Object.entries(missing).map(([field, text]) => [field, scalarNode(text)] as const));
    for (const [field, member] of entry.members) {
      if (!filled.members.has(field) || textOfNode(filled.members.get(field)?.value) === undefined) filled.members.set(field, member);
    }
    setMember(profiles, id, filled);
  }
  const names = new Set(entries.map(({ name }) => name));
  const root = objectNode();
  for (const [name, member] of store.members) if (!names.has(name)) root.members.set(name, member);
  setMember(root, "profiles", profiles);
  return root;
}

/** The type an entry says or shows. A blank one says nothing. */
function typeOf(entry: UnknownRecord): string | undefined {
  const stated = readText(entry["type"] ?? entry["mode"]);
  if (stated !== undefined) return telling.some(([type]) => type === stated) ? stated : undefined;
  return telling.find(([, fields]) => fields.some((field) => readText(entry[field]) !== undefined || isRecord(entry[field])))?.[0];
}
