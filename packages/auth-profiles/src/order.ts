import { checkEligibility, type ProfileMetadata, type ReasonCode } from "./eligibility.ts";
import type { NormalizeProvider } from "./normalize-provider.ts";
import type { AuthProfile, ProfileType } from "./profile.ts";
import { ownValue } from "./record.ts";
import type { AuthStore } from "./store.ts";
import { currentWindow } from "./usage.ts";

/** The parts of `auth` in the configuration that choose among profiles. */
export interface ProfileConfig {
  readonly order?: Readonly<Record<string, readonly string[]>>;
  readonly profiles?: Readonly<Record<string, ProfileMetadata>>;
}

export interface ExcludedProfile {
  readonly id: string;
  readonly reason: ReasonCode;
}

export interface ProfileOrder {
  /** In the order they are tried. */
  readonly ids: readonly string[];
  readonly excluded: readonly ExcludedProfile[];
  /** An order was set (or a profile pinned): nothing beyond `ids` may be tried. */
  readonly isExplicit: boolean;
}

export interface ProfileOrderQuery {
  readonly store: AuthStore;
  readonly config: ProfileConfig;
  readonly provider: string;
  readonly now: number;
  readonly normalizeProvider: NormalizeProvider;
  /** Cooldowns of this model count beside those of the whole credential. */
  readonly model?: string;
  /** Moved to the front if it is in the list. */
  readonly preferred?: string;
}

const typeRank: Readonly<Record<ProfileType, number>> = { oauth: 0, token: 1, api_key: 2 };

/**
 * The profiles of a provider in the order they are tried. The store's order beats the configured
 * one; either is exclusive and keeps its sequence, and an empty one means none. Without one, logins
 * come before tokens before keys, then the one that has rested longest. Profiles in a cooldown go
 * last, soonest end first.
 */
export function orderProfiles(query: ProfileOrderQuery): ProfileOrder {
  const { store, config } = query;
  const explicit = listFor(store.order, query) ?? listFor(config.order, query);
  const configured = idsOf(Object.entries(config.profiles ?? {}), query);
  const stored = idsOf(store.profiles, query);
  const base = explicit ?? (configured.length > 0 ? configured : stored);

  let judged = judge(base, query);
  // Old homes name profiles in the configuration that the store never had. A set order is not second-guessed.
  const isDrifted = explicit === undefined && judged.length > 0 && judged.every(({ id }) => !store.profiles.has(id));
  if (isDrifted) judged = [...judged, ...judge(stored, query)];

  const eligible = judged.filter(({ reason }) => reason === undefined).map(({ id }) => id);
  const sequence = explicit === undefined ? eligible.toSorted(byTypeThenRest(store)) : eligible;
  const seen = new Set(judged.map(({ id }) => id));
  const omitted: ReasonCode = explicit === undefined ? "not_configured" : "excluded_by_auth_order";
  return {
    ids: preferredFirst(coolingLast(sequence, query), query.preferred),
    excluded: [
      ...judged.flatMap(({ id, reason }) => (reason === undefined ? [] : [{ id, reason }])),
      ...stored.filter((id) => !seen.has(id)).map((id) => ({ id, reason: omitted })),
    ],
    isExplicit: explicit !== undefined,
  };
}

interface Judged {
  readonly id: string;
  readonly reason: ReasonCode | undefined;
}

function judge(ids: readonly string[], query: ProfileOrderQuery): readonly Judged[] {
  const { store, config, provider, now, normalizeProvider } = query;
  return [...new Set(ids)].map((id) => ({
    id,
    reason: checkEligibility({
      profile: store.profiles.get(id),
      provider,
      metadata: ownValue(config.profiles, id),
      now,
      normalizeProvider,
    }),
  }));
}

/** The list of a provider under its own id, else under the first other spelling. */
function listFor(lists: ProfileConfig["order"], { provider, normalizeProvider }: ProfileOrderQuery): readonly string[] | undefined {
  const wanted = normalizeProvider(provider);
  return ownValue(lists, wanted) ?? Object.entries(lists ?? {}).find(([name]) => normalizeProvider(name) === wanted)?.[1];
}

function idsOf(
  entries: Iterable<readonly [string, AuthProfile | ProfileMetadata]>,
  { provider, normalizeProvider }: ProfileOrderQuery,
): readonly string[] {
  const wanted = normalizeProvider(provider);
  return [...entries].filter(([, entry]) => normalizeProvider(entry.provider) === wanted).map(([id]) => id);
}

function byTypeThenRest(store: AuthStore): (left: string, right: string) => number {
  const rank = (id: string) => typeRank[store.profiles.get(id)?.type ?? "api_key"];
  const lastUsed = (id: string) => store.usage.get(id)?.lastUsed ?? 0;
  return (left, right) => rank(left) - rank(right) || lastUsed(left) - lastUsed(right);
}

function coolingLast(ids: readonly string[], { store, now, model }: ProfileOrderQuery): readonly string[] {
  const until = new Map(ids.map((id) => [id, currentWindow(store.usage.get(id), now, model)?.until ?? 0]));
  return ids.toSorted((left, right) => (until.get(left) ?? 0) - (until.get(right) ?? 0));
}

function preferredFirst(ids: readonly string[], preferred: string | undefined): readonly string[] {
  return preferred !== undefined && ids.includes(preferred) ? [preferred, ...ids.filter((id) => id !== preferred)] : ids;
}
