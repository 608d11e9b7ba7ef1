import { memberOf, setMember, type JsonObject } from "./json-tree.ts";
import type { UnknownRecord } from "./record.ts";

/** A field under a name that other programs and older versions give it. */
export interface OtherName {
  readonly written: string;
  readonly documented: string;
}

type Kind = "api_key" | "token" | "oauth";

const ends = ["expiresAt", "expires_at", "expiry_date", "expiry"] as const;

/** Per kind and documented name the other ones that are read, the first that is there. `mode` for `type` holds for all. */
const spellings: Readonly<Record<Kind, Readonly<Record<string, readonly string[]>>>> = {
  api_key: { key: ["apiKey", "api_key"], keyRef: ["key_ref"] },
  token: { token: ["accessToken", "access_token"], tokenRef: ["token_ref"], expires: ends },
  oauth: {
    access: ["accessToken", "access_token"],
    refresh: ["refreshToken", "refresh_token"],
    expires: ends,
    accountId: ["account_id"],
    projectId: ["project_id"],
    clientId: ["client_id"],
    enterpriseUrl: ["enterprise_url"],
  },
};

const documentedNames: Readonly<Record<Kind, ReadonlyMap<string, string>>> = {
  api_key: inverse(spellings.api_key),
  token: inverse(spellings.token),
  oauth: inverse(spellings.oauth),
};

/** The other names of one field, in the order they are looked for. */
export function otherNamesOf(kind: Kind, documented: string): readonly string[] {
  return spellings[kind][documented] ?? [];
}

/** The fields of an entry that are read though they have another name: those that are not there under their own. */
export function otherNamesIn(kind: Kind, entry: UnknownRecord): readonly OtherName[] {
  const documentedOf = documentedNames[kind];
  let found: OtherName[] | undefined;
  for (const written of Object.keys(entry)) {
    const documented = documentedOf.get(written);
    if (documented === undefined || !isMissing(documented, entry[documented])) continue;
    const first = otherNamesOf(kind, documented).find((name) => !isMissing(documented, entry[name]));
    if (first === written) (found ??= []).push({ written, documented });
  }
  return found ?? [];
}

/** An entry with the documented names. */
export function withDocumentedNames(entry: UnknownRecord, others: readonly OtherName[]): UnknownRecord {
  if (others.length === 0) return entry;
  return { ...entry, ...Object.fromEntries(others.map(({ written, documented }) => [documented, entry[written]])) };
}

/** The same for an entry that will be written: each field is renamed where it stands. Changes the object. */
export function renameMembers(entry: JsonObject, others: readonly OtherName[]): void {
  if (others.length === 0) return;
  const documentedOf = new Map(others.map(({ written, documented }) => [written, documented]));
  const replaced = new Set(documentedOf.values());
  const members = [...entry.members];
  entry.members.clear();
  for (const [name, member] of members) {
    const documented = documentedOf.get(name);
    if (documented !== undefined) setMember(entry, documented, member.value);
    else if (!replaced.has(name)) entry.members.set(name, member);
  }
}

/** Drops what stands under the other names of a field, once the field itself has been written. */
export function dropOtherNames(entry: JsonObject, kind: Kind, documented: string): void {
  for (const name of otherNamesOf(kind, documented)) if (memberOf(entry, name) !== undefined) entry.members.delete(name);
}

/** `null` is no value, but it is no time either: `expires: null` was meant to say something. */
function isMissing(documented: string, value: unknown): boolean {
  return value === undefined || (value === null && documented !== "expires");
}

function inverse(names: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(names).flatMap(([documented, others]) => others.map((other) => [other, documented] as const)));
}
