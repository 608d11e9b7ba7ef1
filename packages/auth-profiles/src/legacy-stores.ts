import { errnoOf } from "@openclaw/secrets";
import { AuthProfileError } from "./errors.ts";
import { memberOf, objectNode, scalarNode, textOfNode, type JsonNode, type JsonObject } from "./json-tree.ts";
import { parseJsonFileAsTree } from "./parse-json-file.ts";
import { readBounded } from "./read-bounded.ts";
import type { StoreDiagnostic } from "./store.ts";

/** A file of an older version that may hold accounts. It is only read. */
export interface LegacyFile {
  readonly path: string;
  /** `auth.json`: provider to credential; `oauth.json`: provider to tokens. */
  readonly kind: "credentials" | "logins";
}

/** An account of such a file, in the shape of the store. */
export interface LegacyProfile {
  readonly id: string;
  readonly path: string;
  /** The provider, as the file spells it. */
  readonly name: string;
  readonly entry: JsonNode;
}

/** What such a file says. */
export interface LegacyContent {
  readonly profiles: readonly LegacyProfile[];
  readonly diagnostics: readonly StoreDiagnostic[];
  readonly stamp: string;
}

const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads every entry as the profile `<provider>:default`. A file that is not there holds none; one that
 * cannot be read or parsed is a diagnostic, for the store beside it still works.
 */
export async function readLegacyFile({ path, kind }: LegacyFile): Promise<LegacyContent> {
  let stamp = "unread";
  try {
    const read = await readBounded(path, MAX_BYTES);
    ({ stamp } = read);
    const tree = parseJsonFileAsTree(path, read.bytes);
    if (tree.kind !== "object") throw new AuthProfileError("store-malformed", `${path} is not a JSON object`);
    return { profiles: kind === "logins" ? logins(path, tree) : credentials(path, tree), diagnostics: [], stamp };
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return { profiles: [], diagnostics: [], stamp: "missing" };
    const problem = error instanceof AuthProfileError ? error.message : `Cannot read ${path}: ${errnoOf(error) ?? "unknown error"}`;
    return { profiles: [], diagnostics: [{ code: "LEGACY_STORE_IGNORED", message: `${problem}; its accounts are not known` }], stamp };
  }
}

/** The profiles that a store has none of that id of its own, first come, first served. */
export function adoptable(files: readonly LegacyContent[], isStored: (id: string) => boolean): ReadonlyMap<string, LegacyProfile> {
  const adopted = new Map<string, LegacyProfile>();
  for (const profile of files.flatMap(({ profiles }) => profiles)) {
    if (!isStored(profile.id) && !adopted.has(profile.id)) adopted.set(profile.id, profile);
  }
  return adopted;
}

/** Says where an adopted profile comes from. */
export function adoptionOf({ id, path }: LegacyProfile): StoreDiagnostic {
  return { code: "LEGACY_PROFILE_ADOPTED", message: `${id} is read from ${path}, where an older version kept it`, profileId: id };
}

function credentials(path: string, tree: JsonObject): readonly LegacyProfile[] {
  return [...tree.members].map(([name, { value }]) => ({
    id: `${name}:default`,
    path,
    name,
    entry: value.kind === "object" ? withDefaults(value, { provider: name }) : value,
  }));
}

function logins(path: string, tree: JsonObject): readonly LegacyProfile[] {
  return [...tree.members].map(([name, { value }]) => ({
    id: `${name}:default`,
    path,
    name,
    entry: value.kind === "object" ? withDefaults(value, { type: "oauth", provider: name }) : value,
  }));
}

/** Fills in what the place of an entry says, where it does not say it itself. */
function withDefaults(entry: JsonObject, defaults: Readonly<Record<string, string>>): JsonObject {
  const missing = Object.entries(defaults).filter(([field]) => (textOfNode(memberOf(entry, field)) ?? "").trim() === "");
  const filled = objectNode(missing.map(([field, text]) => [field, scalarNode(text)] as const));
  for (const [name, member] of entry.members) if (!filled.members.has(name)) filled.members.set(name, member);
  return filled;
}
