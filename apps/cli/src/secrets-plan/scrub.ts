import { credentialFields, storedEntries, type CredentialFields } from "@openclaw/auth-profiles";
import { authProviderId } from "@openclaw/providers";
import { isReference, type JsonChange } from "@openclaw/home";
import { editFile, writtenRef } from "./place-references.ts";
import { isObject, ownMember, parseStoreText, secretOf, textsIn } from "./json-tree.ts";
import type { MovedValues } from "./moved.ts";
import type { ConfigTarget, ProfileTarget } from "./target.ts";
import type { ApplyWarning } from "./warning.ts";

/** A text without the values that were moved, and what a person should know about it. */
export interface Scrubbed {
  readonly text: string;
  readonly warnings: readonly ApplyWarning[];
}

/**
 * Takes the key of a provider out of the profiles that hold the same value, now that the configuration has a
 * reference to it. Logins, references, and profiles that the plan itself gives a reference stay as they are.
 */
export function scrubProfiles(file: string, text: string, moved: MovedValues, targeted: ReadonlySet<string>): Scrubbed {
  const changes: JsonChange[] = [];
  const warnings: ApplyWarning[] = [];
  for (const { id, path: place, entry } of storedEntries(parseStoreText(text, file))) {
    const kind = staticKind(entry);
    const provider = authProviderId(textOf(ownMember(entry, "provider")));
    if (kind === undefined || targeted.has(id) || !moved.keyProviders.has(provider)) continue;
    const found = plainFields(entry, kind).map((field) => ({ ...field, path: [...place, field.name] }));
    const gone = found.filter(({ secret }) => moved.isKeyOf(provider, secret));
    changes.push(...gone.map(({ path }) => ({ path, remove: true as const })));
    for (const { path } of found.filter((field) => !gone.includes(field))) {
      warnings.push({
        code: "unscrubbed",
        file,
        path: path.join("."),
        message: `profile ${id} holds another value than the one that was moved; it stays`,
      });
    }
    const hasRest = found.length > gone.length || [...kind.values, ...kind.refs].some((name) => isReference(ownMember(entry, name)));
    if (gone.length > 0 && !hasRest) {
      const message = `profile ${id} holds nothing any more, models.providers has its key: remove the profile, or give it the reference`;
      warnings.push({ code: "profile-emptied", file, path: place.join("."), message });
    }
  }
  return { text: editFile(file, text, changes, "json"), warnings };
}

/** Takes moved values out of `auth.json`, where an older version kept them. Logins stay. */
export function scrubLegacy(file: string, text: string, moved: MovedValues, providers: ReadonlySet<string>): Scrubbed {
  const changes: JsonChange[] = [];
  const warnings: ApplyWarning[] = [];
  for (const [name, entry] of membersOf(parseStoreText(text, file))) {
    const kind = staticKind(entry);
    if (kind === undefined) continue;
    const found = plainFields(entry, kind);
    if (found.length > 0 && found.every(({ secret }) => moved.has(secret))) changes.push({ path: [name], remove: true });
    else if (found.length > 0 && providers.has(authProviderId(textOf(ownMember(entry, "provider")) || name))) {
      warnings.push({ code: "unscrubbed", file, path: name, message: `${name} holds another value than the one that was moved; it stays` });
    }
  }
  return { text: editFile(file, text, changes, "json"), warnings };
}

/** Where references belong in a backup, if it is one of that file. */
export interface BackupPlaces {
  readonly config: readonly ConfigTarget[];
  readonly profiles: readonly ProfileTarget[];
}

/** Takes moved values out of a copy of the configuration or of a store: a reference where one belongs, else nothing. */
export function scrubBackup(file: string, text: string, parsed: unknown, moved: MovedValues, places: BackupPlaces): string {
  const configs = new Map(places.config.map((target) => [JSON.stringify(target.segments), target]));
  // Where two agents share the file, the first target counts.
  const profiles = new Map(places.profiles.toReversed().map((target) => [target.profileId, target]));
  const stored = isObject(parsed) ? storedEntries(parsed) : [];
  const targets = new Map(stored.map(({ id, path }) => [JSON.stringify(path), profiles.get(id)]));
  const changes = [...textsIn(parsed)].flatMap(({ path, text }): readonly JsonChange[] => {
    const secret = secretOf(text);
    if (secret === undefined || !moved.has(secret)) return [];
    const config = configs.get(JSON.stringify(path));
    if (config) return [{ path, value: writtenRef(config.ref) }];
    const place = path.slice(0, -1);
    const profile = targets.get(JSON.stringify(place));
    const removal = /^\d+$/u.test(path.at(-1) ?? "") ? { path, value: "" } : { path, remove: true as const };
    return profile ? [removal, { path: [...place, `${profile.field}Ref`], value: writtenRef(profile.ref) }] : [removal];
  });
  return editFile(file, text, changes, "json5");
}

const kinds: ReadonlyMap<unknown, CredentialFields> = new Map(
  (["api_key", "token"] as const).map((type) => [type, credentialFields(type)]),
);

/** Which fields of an entry hold its secret; `undefined` for logins and for what is no entry. */
function staticKind(entry: unknown): CredentialFields | undefined {
  return kinds.get(ownMember(entry, "type") ?? ownMember(entry, "mode"));
}

function plainFields(entry: unknown, { values }: CredentialFields) {
  return values.flatMap((name) => {
    const value = ownMember(entry, name);
    const secret = isReference(value) ? undefined : secretOf(value);
    return secret ? [{ name, secret }] : [];
  });
}

function membersOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value) ? Object.entries(value) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
