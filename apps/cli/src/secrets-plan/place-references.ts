import { credentialFields, documentedStoreText } from "@openclaw/auth-profiles";
import { authProviderId } from "@openclaw/providers";
import { editJson, HomeError, type JsonChange, type JsonDialect, type JsonValue } from "@openclaw/home";
import type { SecretRef } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import { isObject, ownMember, parseStoreText } from "./json-tree.ts";
import type { Standing } from "./standing.ts";
import type { SecretsPlan } from "./plan.ts";
import type { ConfigTarget, ProfileTarget, Refuse } from "./target.ts";

/** Who writes, and when: the configuration says so. */
export interface Stamp {
  readonly version: string;
  readonly at: Date;
}

/** Edits a text; an error names the file. */
export function editFile(path: string, text: string, changes: readonly JsonChange[], dialect: JsonDialect): string {
  try {
    return editJson(text, changes, dialect);
  } catch (error) {
    if (!(error instanceof HomeError)) throw error;
    throw new CliError(`${path}: ${error.message}; nothing was changed`, error.hint);
  }
}

/** The configuration with the references, and with the secret providers the plan sets and deletes. */
export function placeInConfig(
  path: string,
  text: string,
  plan: SecretsPlan,
  standing: (target: ConfigTarget) => Standing | undefined,
  stamp: Stamp,
): string {
  const changes: JsonChange[] = [
    ...plan.providerDeletes.map((alias) => ({ path: ["secrets", "providers", alias], remove: true as const })),
    ...Object.entries(plan.writtenUpserts).map(([alias, value]) => ({ path: ["secrets", "providers", alias], value })),
  ];
  for (const target of plan.targets) {
    if (target.kind !== "config") continue;
    const refName = standing(target)?.refName;
    if (refName === undefined) changes.push({ path: target.segments, value: writtenRef(target.ref) });
    else
      changes.push(
        { path: target.segments, remove: true },
        { path: [...target.segments.slice(0, -1), refName], value: writtenRef(target.ref) },
      );
  }
  const after = editFile(path, text, changes, "json5");
  if (after === text) return text;
  const meta: readonly JsonChange[] = [
    { path: ["meta", "lastTouchedVersion"], value: stamp.version },
    { path: ["meta", "lastTouchedAt"], value: stamp.at.toISOString() },
  ];
  return editFile(path, after, meta, "json5");
}

/**
 * An agent's store with the references. `refuse` is told what the plan has wrong about it. Accounts that stand
 * beside `profiles` are put there too: they would not be read any more once it is there.
 */
export function placeInStore(path: string, written: string, targets: readonly ProfileTarget[], refuse: Refuse): string {
  if (targets.length === 0) return written;
  requireWritable(path, parseStoreText(written, path)["version"]);
  const isNew = written.trim() === "";
  const text = isNew ? written : documentedStoreText(path, written);
  const profiles = parseStoreText(text, path)["profiles"] ?? {};
  if (!isObject(profiles)) throw new CliError(`${path}: profiles is not an object`, "correct it; it is left as it is");
  const changes = targets.flatMap((target) => profileChanges(target, ownMember(profiles, target.profileId), refuse));
  return editFile(path, text, [...(isNew ? [{ path: ["version"], value: 1 }] : []), ...changes], "json");
}

/** @throws {CliError} for a store of a version that is only read. */
function requireWritable(path: string, version: unknown): void {
  if (typeof version === "number" && version > 1) {
    throw new CliError(`${path} has version ${version}, which this openclaw reads and does not change`, "update openclaw");
  }
}

function profileChanges(target: ProfileTarget, entry: unknown, refuse: Refuse): readonly JsonChange[] {
  const { path, profileId, type, field, provider } = target;
  const place = ["profiles", profileId];
  const ref = writtenRef(target.ref);
  if (entry === undefined) {
    if (provider === undefined) throw new CliError(`Cannot create auth profile "${profileId}" for ${path} without authProfileProvider.`);
    return [{ path: place, value: { type, provider, [`${field}Ref`]: ref } }];
  }
  if (!isObject(entry)) return refuse(`${path}: there is something else than a profile`);
  if ((entry["type"] ?? entry["mode"]) !== type) return refuse(`${path}: the profile there is not of type ${type}`);
  const stored = entry["provider"];
  if (provider !== undefined && typeof stored === "string" && authProviderId(stored) !== authProviderId(provider)) {
    return refuse(`${path}: the profile there is for another provider than authProfileProvider`);
  }
  const refField = `${field}Ref`;
  const { values, refs } = credentialFields(type);
  const gone = [...values, ...refs].filter((name) => name !== refField);
  return [...gone.map((name) => ({ path: [...place, name], remove: true as const })), { path: [...place, refField], value: ref }];
}

/** A reference as it is written: three keys, in this order. */
export function writtenRef({ source, provider, id }: SecretRef): JsonValue {
  return { source, provider, id };
}
