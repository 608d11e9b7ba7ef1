import type { Secret } from "@openclaw/secrets";
import { AuthProfileError } from "./errors.ts";
import { unflattenedTree } from "./flat-store.ts";
import {
  arrayNode,
  memberOf,
  objectNode,
  printJsonTree,
  scalarNode,
  setMember,
  textOfNode,
  valueOfTree,
  type JsonNode,
  type JsonObject,
} from "./json-tree.ts";
import type { LegacyProfile } from "./legacy-stores.ts";
import type { NormalizeProvider } from "./normalize-provider.ts";
import type { AuthProfile, OAuthProfile } from "./profile.ts";
import { encodeProfile } from "./profile-json.ts";
import { STORE_VERSION, type AuthStore } from "./store.ts";

/** What a login got. A `TokenSet` of the OAuth client is one. */
export interface NewTokens {
  readonly access: Secret;
  readonly refresh?: Secret;
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
  readonly accountId?: string;
  readonly email?: string;
}

/** A store that is being changed, by the one who holds its lock. */
export interface StoreDraft {
  /** As it is on the disk, and as it has been changed since. */
  readonly store: AuthStore;
  /**
   * Adds or replaces a profile. Fields nobody here knows stay in an entry of the same type, and a
   * reference drops the value beside it.
   *
   * @throws {AuthProfileError} `credential-refused`, naming profile and field, never the value.
   */
  put(id: string, profile: AuthProfile): void;
  /**
   * Gives a login new tokens. A set without a refresh token leaves the old one in place.
   *
   * @throws {AuthProfileError} `profile-not-found` when it was removed meanwhile, `profile-unusable` when it is no login.
   */
  setTokens(id: string, tokens: NewTokens): void;
  /**
   * Removes a profile, and its name from order, lastGood and usageStats. Whether there was one.
   *
   * @throws {AuthProfileError} `legacy-read-only` when a file of an older version holds one of that id, which would take its place.
   */
  remove(id: string): boolean;
  /** Sets the order of a provider, under all its spellings; `undefined` clears it, and an empty one means none. */
  setOrder(provider: string, ids: readonly string[] | undefined): void;
  /** Forgets what `usageStats` says of failures of a provider's accounts, or of these of them, main's behind this store included. `lastUsed` stays. */
  clearUsage(provider: string, ids?: ReadonlySet<string>): void;
  /** Has the file written even if it is missing and nothing was changed. */
  create(): void;
}

export interface StoreDraftOptions {
  readonly path: string;
  /** The content of the file; `undefined` where there is none. Belongs to the draft from here on. */
  readonly tree: JsonObject | undefined;
  /** Accounts of older files, by id. */
  readonly legacy: readonly LegacyProfile[];
  readonly normalizeProvider: NormalizeProvider;
  /** Reads what the file would say. */
  readonly view: (json: unknown) => AuthStore;
}

/** A draft, and the way to end it. */
export interface OpenDraft {
  readonly draft: StoreDraft;
  /** The text to write, if there is anything to write. The draft cannot be used after it. */
  finish(): string | undefined;
}

/** Known names come first, in this order. */
const KNOWN = ["version", "profiles", "order", "lastGood", "usageStats"];

/** What `usageStats` remembers of failures. */
const FAILURES = [
  "cooldownUntil",
  "cooldownReason",
  "cooldownModel",
  "disabledUntil",
  "disabledReason",
  "errorCount",
  "failureCounts",
  "lastFailureAt",
];

/**
 * A draft of what a file says. What nobody here knows stays as it was written, to the byte.
 *
 * @throws {AuthProfileError} `store-newer`, or `store-malformed` where a part that would be changed is no object.
 */
export function openStoreDraft({ path, tree, legacy, normalizeProvider, view }: StoreDraftOptions): OpenDraft {
  const root = tree === undefined ? objectNode() : unflattenedTree(tree);
  refuseNewer(path, root);
  let isChanged = false;
  let isOver = false;
  let seen: AuthStore | undefined;

  /** The object of that name, if there is one. What else stands there would be lost. */
  function part(name: string): JsonObject | undefined {
    const stored = memberOf(root, name);
    if (stored === undefined || stored.kind === "object") return stored;
    if (valueOfTree(stored) === null) return undefined;
    throw new AuthProfileError("store-malformed", `${path}: ${name} is not an object`, {
      hint: `repair ${name}; the file has been left as it is`,
    });
  }

  const profiles = part("profiles") ?? objectNode();
  setMember(root, "profiles", profiles);

  function change(): void {
    if (isOver) throw new TypeError("A store was changed after its update had ended");
    seen = undefined;
  }

  function set(object: JsonObject, name: string, value: JsonNode): void {
    const stored = memberOf(object, name);
    isChanged ||= stored === undefined || printJsonTree(stored) !== printJsonTree(value);
    setMember(object, name, value);
  }

  function remove(object: JsonObject, name: string): boolean {
    const wasThere = object.members.delete(name);
    isChanged ||= wasThere;
    return wasThere;
  }

  /** Whether other profiles of the provider are stored. */
  function hasProfilesOf(provider: string): boolean {
    const wanted = normalizeProvider(provider);
    return [...profiles.members.values()].some(
      ({ value }) => value.kind === "object" && normalizeProvider(textOfNode(memberOf(value, "provider")) ?? "") === wanted,
    );
  }

  /** Usage is also kept of accounts that are in main's store: their ids tell whose they are. */
  function providerOf(id: string): string {
    const profile = memberOf(profiles, id);
    const stored = profile?.kind === "object" ? textOfNode(memberOf(profile, "provider")) : undefined;
    return normalizeProvider(stored ?? id.split(":", 1)[0] ?? "");
  }

  const draft: StoreDraft = {
    get store() {
      seen ??= view(valueOfTree(root));
      return seen;
    },
    put(id, profile) {
      change();
      const stored = memberOf(profiles, id) ?? legacy.find((older) => older.id === id)?.entry;
      set(profiles, id, encodeProfile(id, profile, stored));
    },
    setTokens(id, tokens) {
      const profile = draft.store.profiles.get(id);
      if (profile === undefined)
        throw new AuthProfileError("profile-not-found", `The login "${id}" is not stored any more`, { profileId: id });
      if (profile.type !== "oauth") {
        throw new AuthProfileError("profile-unusable", `Profile "${id}" is of type ${profile.type}, not a login`, { profileId: id });
      }
      draft.put(id, withTokens(profile, tokens));
    },
    remove(id) {
      change();
      const older = legacy.find((profile) => profile.id === id);
      if (older !== undefined) {
        throw new AuthProfileError("legacy-read-only", `Profile "${id}" is also kept in ${older.path}, which only its owner changes`, {
          profileId: id,
          hint: `remove "${older.name}" from ${older.path}, then repeat this`,
        });
      }
      const wasThere = remove(profiles, id);
      removeFromOrder(id);
      removeEach("lastGood", (_, value) => textOfNode(value)?.trim() === id);
      removeEach("usageStats", (key) => key === id);
      return wasThere;
    },
    setOrder(provider, ids) {
      change();
      const wanted = normalizeProvider(provider);
      const merged = objectNode();
      const list = ids && arrayNode([...new Set(ids)].map(scalarNode));
      for (const [name, member] of part("order")?.members ?? []) {
        if (normalizeProvider(name) !== wanted) merged.members.set(name, member);
        else if (list !== undefined) setMember(merged, wanted, list);
      }
      if (list !== undefined) setMember(merged, wanted, list);
      if (merged.members.size > 0) set(root, "order", merged);
      else remove(root, "order");
    },
    clearUsage(provider, ids) {
      change();
      const wanted = normalizeProvider(provider);
      const stats = memberOf(root, "usageStats");
      if (stats?.kind !== "object") return;
      for (const [id, { value: entry }] of stats.members) {
        if (entry.kind !== "object" || providerOf(id) !== wanted || ids?.has(id) === false) continue;
        const wasThere = FAILURES.map((name) => remove(entry, name)).includes(true);
        if (wasThere && entry.members.size === 0) remove(stats, id);
      }
      if (stats.members.size === 0) remove(root, "usageStats");
    },
    create() {
      change();
      isChanged ||= tree === undefined;
    },
  };

  function removeFromOrder(id: string): void {
    const order = memberOf(root, "order");
    if (order?.kind !== "object") return;
    for (const [provider, { value }] of order.members) {
      if (value.kind !== "array") continue;
      const left = value.items.filter((item) => textOfNode(item)?.trim() !== id);
      if (left.length === value.items.length) continue;
      // An empty order means "none". That is meant only while there are accounts it keeps out.
      if (left.length > 0 || hasProfilesOf(provider)) set(order, provider, arrayNode(left));
      else remove(order, provider);
      if (order.members.size === 0) remove(root, "order");
    }
  }

  function removeEach(name: string, isGone: (key: string, value: JsonNode) => boolean): void {
    const object = memberOf(root, name);
    if (object?.kind !== "object") return;
    for (const [key, { value }] of object.members) {
      if (isGone(key, value) && remove(object, key) && object.members.size === 0) remove(root, name);
    }
  }

  return {
    draft,
    finish() {
      isOver = true;
      return isChanged ? printStore(root) : undefined;
    },
  };
}

/** A login with new tokens. Whatever `expires` said, it was said of the old ones. */
function withTokens(profile: OAuthProfile, tokens: NewTokens): OAuthProfile {
  const { expires: _expires, ...kept } = profile;
  return {
    ...kept,
    access: tokens.access,
    ...(tokens.refresh && { refresh: tokens.refresh }),
    ...(tokens.expiresAt !== undefined && { expires: tokens.expiresAt }),
    ...(tokens.accountId !== undefined && { accountId: tokens.accountId }),
    ...(tokens.email !== undefined && { email: tokens.email }),
  };
}

function refuseNewer(path: string, root: JsonObject): void {
  const stored = memberOf(root, "version");
  const version = stored === undefined ? STORE_VERSION : Number(valueOfTree(stored));
  if (version <= STORE_VERSION) return;
  throw new AuthProfileError("store-newer", `${path} was written by a newer version (format ${version}), so it is only read`, {
    hint: "update openclaw, or change the store with the version that wrote it",
  });
}

/** The text of a store: known names first, with the version and the profiles that every store has. */
export function printStore(root: JsonObject): string {
  const stored = memberOf(root, "version");
  const hasVersion = stored?.kind === "scalar" && typeof valueOfTree(stored) === "number";
  const sorted = objectNode([["version", hasVersion ? stored : scalarNode(STORE_VERSION)]]);
  for (const name of KNOWN) copyMember(root, sorted, name);
  for (const name of root.members.keys()) copyMember(root, sorted, name);
  return `${printJsonTree(sorted)}\n`;
}

function copyMember(from: JsonObject, to: JsonObject, name: string): void {
  const member = from.members.get(name);
  if (member !== undefined && !to.members.has(name)) to.members.set(name, member);
}
