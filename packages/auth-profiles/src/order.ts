import { checkEligibility, type ProfileMetadata, type ReasonCode } from "./eligibility.ts";
import type { AuthProfile, ProfileType } from "./profile.ts";
import { indexProviders, type ProviderEntry, type ProviderSources } from "./provider-index.ts";
import { ownValue } from "./record.ts";
import type { AuthStore } from "./store.ts";
import { currentWindow } from "./usage.ts";

/** The parts of `auth` in the configuration that choose among profiles. */
export interface ProfileConfig {
  readonly order?: Readonly<Record<string, readonly string[]>>;
  readonly profiles?: Readonly<Record<string, ProfileMetadata>>;
  /** By profile id. */
  readonly credentials?: Readonly<Record<string, ProfileLimits>>;
}

/** What an operator says of the use of one credential. */
export interface ProfileLimits {
  /** Names a quota that it shares with others. */
  readonly bucket?: string | undefined;
  /** How many requests may be under way with it at once. */
  readonly maxConcurrent?: number | undefined;
}

export interface ExcludedProfile {
  readonly id: string;
  readonly reason: ReasonCode;
}

export interface ProfileOrder {
  /** In the order they are tried. */
  readonly ids: readonly string[];
  /** How they stand when none is cooling. Of a set order: as it was set, with those that cannot be used. */
  readonly sequence: readonly string[];
  readonly excluded: readonly ExcludedProfile[];
  /** An order was set (or a profile pinned): nothing beyond `ids` may be tried. */
  readonly isExplicit: boolean;
}

/** What an order is asked for. */
export interface OrderQuestion {
  readonly provider: string;
  readonly now: number;
  /** Cooldowns of this model count beside those of the whole credential. */
  readonly model?: string;
}

export interface ProfileOrderQuery extends ProviderSources, OrderQuestion {
  /** Moved to the front if it is in the list. */
  readonly preferred?: string;
}

/** An order, and how long it is one. */
export interface TimedOrder {
  readonly order: ProfileOrder;
  /** The first moment at which it may be another: a token or a cooldown ends. */
  readonly until: number;
}

const typeRank: Readonly<Record<ProfileType, number>> = { oauth: 0, token: 1, api_key: 2 };
/** A cooldown that seems to last longer was set by a clock that was wrong: the longest there are last a day. */
const LONGEST_WINDOW_MS = 24 * 60 * 60 * 1000;
const noEntry: ProviderEntry = { explicit: undefined, configured: [], stored: [] };

/**
 * The profiles of a provider in the order they are tried. The store's order beats the configured
 * one; either is exclusive and keeps its sequence, and an empty one means none. Without one, logins
 * come before tokens before keys, then the one that has rested longest. Profiles in a cooldown go
 * last, soonest end first.
 */
export function orderProfiles(query: ProfileOrderQuery): ProfileOrder {
  const entry = indexProviders(query).get(query.normalizeProvider(query.provider)) ?? noEntry;
  const { order } = orderEntry(entry, query);
  return { ...order, ids: movedToFront(order.ids, preferredIndex(order, query.preferred)) };
}

/** The same of a provider that was looked up, without a preference. */
export function orderEntry({ explicit, configured, stored }: ProviderEntry, query: ProviderSources & OrderQuestion): TimedOrder {
  const { store } = query;
  const base = explicit ?? (configured.length > 0 ? configured : stored);

  let judged = judge(base, query);
  // Old homes name profiles in the configuration that the store never had. A set order is not second-guessed.
  const isDrifted = explicit === undefined && judged.length > 0 && judged.every(({ profile }) => profile === undefined);
  if (isDrifted) judged = [...judged, ...judge(stored, query)];

  const eligible = judged.filter(({ reason }) => reason === undefined).map(({ id }) => id);
  const sequence = explicit === undefined ? eligible.toSorted(byTypeThenRest(store)) : eligible;
  const { ids, until } = coolingLast(sequence, query);
  const asSet = explicit === undefined ? sequence : judged.map(({ id }) => id);
  const seen = new Set(judged.map(({ id }) => id));
  const omitted: ReasonCode = explicit === undefined ? "not_configured" : "excluded_by_auth_order";
  const excluded = [
    ...judged.flatMap(({ id, reason }) => (reason === undefined ? [] : [{ id, reason }])),
    ...stored.filter((id) => !seen.has(id)).map((id) => ({ id, reason: omitted })),
  ];
  return {
    order: Object.freeze({
      ids: Object.freeze(ids),
      sequence: Object.freeze(asSet),
      excluded: Object.freeze(excluded),
      isExplicit: explicit !== undefined,
    }),
    until: judged.reduce((soonest, { profile }) => Math.min(soonest, endOf(profile, query.now)), until),
  };
}

/** Where a preferred profile stands, -1 if it does not. */
export function preferredIndex({ ids }: ProfileOrder, preferred: string | undefined): number {
  return preferred === undefined ? -1 : ids.indexOf(preferred);
}

/** Items that are all different, one of them before the others; as they are for -1. */
export function movedToFront<T>(items: readonly T[], index: number): readonly T[] {
  const first = items[index];
  if (first === undefined) return items;
  const moved: T[] = [first];
  // Not slices: of thousands of items that are frozen they take several times as long.
  for (const item of items) if (item !== first) moved.push(item);
  return moved;
}

interface Judged {
  readonly id: string;
  readonly profile: AuthProfile | undefined;
  readonly reason: ReasonCode | undefined;
}

function judge(ids: readonly string[], query: ProviderSources & OrderQuestion): readonly Judged[] {
  const { store, config, provider, now, normalizeProvider } = query;
  return [...new Set(ids)].map((id) => {
    const profile = store.profiles.get(id);
    const metadata = ownValue(config.profiles, id);
    return { id, profile, reason: checkEligibility({ profile, provider, metadata, now, normalizeProvider }) };
  });
}

/** When a token that counts now no longer will. */
function endOf(profile: AuthProfile | undefined, now: number): number {
  return profile?.type === "token" && typeof profile.expires === "number" && now < profile.expires ? profile.expires : Infinity;
}

function byTypeThenRest(store: AuthStore): (left: string, right: string) => number {
  const rank = (id: string) => typeRank[store.profiles.get(id)?.type ?? "api_key"];
  const lastUsed = (id: string) => store.usage.get(id)?.lastUsed ?? 0;
  return (left, right) => rank(left) - rank(right) || lastUsed(left) - lastUsed(right);
}

interface CoolingLast {
  readonly ids: readonly string[];
  /** When a cooldown no longer counts as it does now. */
  readonly until: number;
}

function coolingLast(sequence: readonly string[], { store, now, model }: ProviderSources & OrderQuestion): CoolingLast {
  const latest = now + LONGEST_WINDOW_MS;
  const resting: string[] = [];
  const cooling: { readonly id: string; readonly until: number }[] = [];
  let until = Infinity;
  for (const id of sequence) {
    const window = currentWindow(store.usage.get(id), now, model);
    if (window === undefined) {
      resting.push(id);
      continue;
    }
    cooling.push({ id, until: Math.min(window.until, latest) });
    // All that are too far away are alike until they are near.
    until = Math.min(until, window.until < latest ? window.until : window.until - LONGEST_WINDOW_MS + 1);
  }
  const soonestFirst = cooling.toSorted((left, right) => left.until - right.until).map(({ id }) => id);
  return { ids: [...resting, ...soonestFirst], until };
}
