import { readSecretValue, SecretsError, type Secret, type SecretRef } from "@openclaw/secrets";
import { AuthProfileError } from "./errors.ts";
import { parseExpiry, type Expiry } from "./expiry.ts";
import { dropOtherNames, otherNamesIn, renameMembers } from "./field-names.ts";
import { memberOf, objectNode, scalarNode, setMember, textOfNode, valueOfTree, type JsonNode, type JsonObject } from "./json-tree.ts";
import { parseProfile, type ApiKeyProfile, type AuthProfile, type OAuthProfile, type TokenProfile } from "./profile.ts";
import { isRecord } from "./record.ts";
import { holdsRef } from "./stored-secret.ts";

/**
 * The entry of `profiles` that says what a profile says. What else is in the stored entry stays if it is
 * of the same type: fields nobody here knows, and known ones that could not be read. Spellings of other
 * versions (`mode`, `apiKey`) become the documented ones. Where there is a reference no value is written.
 *
 * @throws {AuthProfileError} `credential-refused`, naming profile and field, when the entry could not be
 * used once it is read again: a mask, a placeholder, a control character, an impossible `expires`.
 */
export function encodeProfile(id: string, profile: AuthProfile, stored?: JsonNode): JsonObject {
  const previous = sameType(id, profile, stored);
  const entry = previous?.entry ?? objectNode([["type", scalarNode(profile.type)]]);
  setText(entry, "provider", profile.provider);
  if (profile.type === "oauth") setLogin(entry, id, profile, previous?.profile);
  else setValueOrRef(entry, id, profile, previous?.profile);
  if (profile.type !== "api_key") setExpires(entry, id, profile.expires);
  for (const field of ["email", "displayName"] as const) setText(entry, field, profile[field]);
  setMetadata(entry, profile.metadata);

  const readBack = parseProfile(id, valueOfTree(entry));
  if ("dropped" in readBack) throw new AuthProfileError("credential-refused", `Profile "${id}": ${readBack.dropped}`, { profileId: id });
  return entry;
}

interface Previous {
  readonly profile: AuthProfile;
  /** A copy, to be changed. */
  readonly entry: JsonObject;
}

function sameType(id: string, { type }: AuthProfile, stored: JsonNode | undefined): Previous | undefined {
  if (stored?.kind !== "object") return undefined;
  const value = valueOfTree(stored);
  const parsed = parseProfile(id, value);
  if ("dropped" in parsed || parsed.profile.type !== type) return undefined;
  const isLegacy = memberOf(stored, "type") === undefined;
  const entry = objectNode(isLegacy ? [["type", scalarNode(type)]] : []);
  for (const [name, member] of stored.members) if (!(isLegacy && name === "mode")) entry.members.set(name, member);
  renameMembers(entry, isRecord(value) ? otherNamesIn(type, value) : []);
  return { profile: parsed.profile, entry };
}

function setValueOrRef(entry: JsonObject, id: string, profile: ApiKeyProfile | TokenProfile, previous: AuthProfile | undefined): void {
  const [value, ref] = profile.type === "api_key" ? ["key", "keyRef"] : ["token", "tokenRef"];
  const wasRead = previous !== undefined && previous.type !== "oauth" && (previous.secret ?? previous.ref) !== undefined;
  const { secret, ref: wanted } = profile;
  // A broken reference, or a value no request can carry: it is not in the profile, and it is not ours to drop.
  if (secret === undefined && wanted === undefined && !wasRead) return;
  for (const name of [value, ref]) dropOtherNames(entry, profile.type, name);
  if (wanted !== undefined || secret === undefined) entry.members.delete(value);
  else setMember(entry, value, secretNode(id, value, secret));
  if (wanted === undefined) entry.members.delete(ref);
  else setMember(entry, ref, refNode(wanted));
}

function setLogin(entry: JsonObject, id: string, profile: OAuthProfile, previous: AuthProfile | undefined): void {
  const forbidden = new Set(profile.forbiddenRefs);
  for (const field of ["access", "refresh", "token", "tokenRef", "key", "keyRef"]) {
    const node = memberOf(entry, field);
    if (node !== undefined && !forbidden.has(field) && holdsRef(valueOfTree(node))) entry.members.delete(field);
  }
  for (const field of ["access", "refresh"] as const) {
    const secret = profile[field];
    if (secret !== undefined) {
      setMember(entry, field, secretNode(id, field, secret));
      dropOtherNames(entry, "oauth", field);
    } else if (previous?.type === "oauth" && previous[field] !== undefined) entry.members.delete(field);
  }
  for (const field of ["accountId", "projectId", "enterpriseUrl", "clientId"] as const) setText(entry, field, profile[field]);
}

function secretNode(id: string, field: string, secret: Secret): JsonNode {
  try {
    // Reading trims; a value that is stored reads back as it was.
    return scalarNode(readSecretValue(secret.reveal(), `Profile "${id}", ${field}`).reveal().trim());
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    throw new AuthProfileError("credential-refused", error.message, {
      cause: error,
      profileId: id,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
  }
}

function refNode({ source, provider, id }: SecretRef): JsonNode {
  return objectNode(Object.entries({ source, provider, id }).map(([name, text]) => [name, scalarNode(text)] as const));
}

function setExpires(entry: JsonObject, id: string, expires: Expiry | undefined): void {
  const node = memberOf(entry, "expires");
  const stored = node === undefined ? undefined : parseExpiry(valueOfTree(node));
  if (expires === undefined) entry.members.delete("expires");
  else if (expires === stored) return;
  else if (parseExpiry(expires) === expires) setMember(entry, "expires", scalarNode(expires));
  else {
    throw new AuthProfileError("credential-refused", `Profile "${id}", expires: it is not a Unix time in milliseconds`, { profileId: id });
  }
}

/** Something else than text under that name is not ours to drop. */
function setText(entry: JsonObject, field: string, value: string | undefined): void {
  const stored = textOfNode(memberOf(entry, field));
  if (value !== undefined && stored?.trim() !== value) setMember(entry, field, scalarNode(value));
  if (value === undefined && stored !== undefined) entry.members.delete(field);
}

function setMetadata(entry: JsonObject, metadata: AuthProfile["metadata"]): void {
  const stored = memberOf(entry, "metadata");
  const merged = objectNode();
  for (const [name, member] of stored?.kind === "object" ? stored.members : []) {
    if (textOfNode(member.value) === undefined || Object.hasOwn(metadata ?? {}, name)) merged.members.set(name, member);
  }
  for (const [name, text] of Object.entries(metadata ?? {})) {
    if (textOfNode(memberOf(merged, name)) !== text) setMember(merged, name, scalarNode(text));
  }
  if (merged.members.size > 0) setMember(entry, "metadata", merged);
  else if (stored?.kind === "object") entry.members.delete("metadata");
}
