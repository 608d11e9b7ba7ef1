import type { SecretDefaults } from "@openclaw/secrets";
import { AuthProfileError } from "./errors.ts";
import { flatEntries, unflattened, type FlatEntry } from "./flat-store.ts";
import { parseProfile, type AuthProfile, type DropReason } from "./profile.ts";
import { frozenRecord, isRecord, readText } from "./record.ts";
import type { StoredSecretProblem } from "./stored-secret.ts";
import { parseStateUsage, parseUsageStats, type UsageMap } from "./usage.ts";

/** Something a person should know about the store. Names fields, never values. */
export interface StoreDiagnostic {
  readonly code:
    | StoredSecretProblem
    | "FIELD_MISNAMED"
    | "STORE_IS_FLAT"
    | "AUTH_STATE_IGNORED"
    | "LEGACY_PROFILE_ADOPTED"
    | "LEGACY_STORE_IGNORED"
    | "STORE_IS_LINK";
  readonly message: string;
  readonly profileId?: string;
}

/** An entry that is no profile. It stays in the file. */
export interface DroppedProfile {
  readonly id: string;
  readonly reason: DropReason;
}

/** What an agent's credential files say. Safe to print. */
export interface AuthStore {
  readonly version: number;
  readonly profiles: ReadonlyMap<string, AuthProfile>;
  /** Order override per provider, in whatever spelling it was stored. */
  readonly order: Readonly<Record<string, readonly string[]>>;
  /** Per provider, the profile that worked last. */
  readonly lastGood: Readonly<Record<string, string>>;
  /** By credential id. */
  readonly usage: UsageMap;
  readonly dropped: readonly DroppedProfile[];
  readonly diagnostics: readonly StoreDiagnostic[];
}

export interface ParseAuthStoreOptions {
  /** Content of auth-state.json, whose usage wins over that of an older store. */
  readonly state?: unknown;
  /** How errors call the store; a path, usually. */
  readonly name?: string;
  readonly secretDefaults?: SecretDefaults;
}

/** The format this version writes. A store with a newer one is only read. */
export const STORE_VERSION = 1;

/**
 * Reads the content of auth-profiles.json. Entries that are no profile are listed in `dropped`. Where there are no
 * `profiles` at all, accounts are looked for at the top, where hand-written files and older programs have them.
 *
 * @throws {AuthProfileError} `store-malformed` when it is not an object, or its `profiles` are not.
 */
export function parseAuthStore(stored: unknown, options: ParseAuthStoreOptions = {}): AuthStore {
  const storeName = options.name ?? "The profile store";
  if (!isRecord(stored)) throw new AuthProfileError("store-malformed", `${storeName} is not a JSON object`);
  const flat = flatEntries(stored);
  const json = unflattened(stored, flat);
  const entries = json["profiles"] ?? {};
  // Taking this for "no profiles" would let the next write replace whatever it is.
  if (!isRecord(entries)) throw new AuthProfileError("store-malformed", `${storeName}: profiles is not an object`);

  const profiles = new Map<string, AuthProfile>();
  const dropped: DroppedProfile[] = [];
  const diagnostics: StoreDiagnostic[] = flat.map((entry) => flatDiagnostic(storeName, entry));
  // Not its entries: with thousands of profiles their pairs take as long as reading them.
  for (const id of Object.keys(entries)) {
    const parsed = parseProfile(id, entries[id], options.secretDefaults);
    if ("dropped" in parsed) {
      dropped.push({ id, reason: parsed.dropped });
      continue;
    }
    profiles.set(id, parsed.profile);
    for (const problem of parsed.problems) diagnostics.push({ ...problem, profileId: id });
  }
  const state = isRecord(options.state) ? options.state : {};
  return Object.freeze({
    version: typeof json["version"] === "number" ? json["version"] : STORE_VERSION,
    profiles,
    order: parseOrder(json["order"]),
    lastGood: frozenRecord([...readTextEntries(json["lastGood"]), ...readTextEntries(state["lastGood"])]),
    usage: overlaid(parseUsageStats(json["usageStats"]), parseStateUsage(state["credentials"])),
    dropped,
    diagnostics,
  });
}

/** Says that an account stands at the top of a store. */
export function flatDiagnostic(storeName: string, { name, id }: FlatEntry): StoreDiagnostic {
  return {
    code: "STORE_IS_FLAT",
    message: `${storeName}: ${name} is read as the account ${id}; accounts belong under profiles, and the next change puts it there`,
    profileId: id,
  };
}

/** Thousands of entries are not copied to be put under none. */
function overlaid(below: UsageMap, above: UsageMap): UsageMap {
  return above.size === 0 ? below : new Map([...below, ...above]);
}

function parseOrder(value: unknown): AuthStore["order"] {
  const lists = Object.entries(isRecord(value) ? value : {}).flatMap(([provider, ids]) =>
    Array.isArray(ids) ? [[provider, ids.map(readText).filter((id) => id !== undefined)] as const] : [],
  );
  return frozenRecord(lists);
}

function readTextEntries(value: unknown): readonly (readonly [string, string])[] {
  return Object.entries(isRecord(value) ? value : {}).flatMap(([key, entry]) => {
    const text = readText(entry);
    return text === undefined ? [] : [[key, text] as const];
  });
}
