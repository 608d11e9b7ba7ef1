import { systemClock, type Candidate, type Clock } from "@openclaw/secrets";
import { billingOfType, profileCandidate, type ProfileBilling } from "./candidate.ts";
import { createCandidateLists, type CandidateUse } from "./candidate-lists.ts";
import { checkEligibility, type ReasonCode } from "./eligibility.ts";
import { AuthProfileError } from "./errors.ts";
import type { ProfileStorage } from "./file-storage.ts";
import { canBeRenewed, inspectProfile, type ProfileHealth } from "./inspect.ts";
import { mergeStores } from "./merge-stores.ts";
import { plainProvider, type NormalizeProvider } from "./normalize-provider.ts";
import type { RefreshState } from "./oauth/refresh-state.ts";
import type { Refresher, StoredLogin } from "./oauth/refresher.ts";
import { movedToFront, preferredIndex, type ExcludedProfile, type ProfileConfig, type ProfileOrder } from "./order.ts";
import type { AuthProfile, OAuthProfile } from "./profile.ts";
import { createProviderOrders } from "./provider-orders.ts";
import { ownValue } from "./record.ts";
import { resolveProfile, type ProfileSecrets } from "./resolve-profile.ts";
import type { AuthStore } from "./store.ts";
import { unusableProfile } from "./unusable-profile.ts";

export interface AuthProfilesOptions {
  readonly storage: ProfileStorage;
  /** The main agent's, where this is another: its profiles are read through, never copied. */
  readonly mainStorage?: ProfileStorage;
  readonly secrets: ProfileSecrets;
  /** Keeps logins alive. Without one, a login that has ended is an error. */
  readonly refresher?: Refresher;
  /** Whether a provider could be asked at all to refresh a login; true unless given. Asked when somebody looks, without waiting. */
  readonly canRefresh?: (profile: OAuthProfile) => boolean;
  readonly config?: ProfileConfig;
  /** Trims and lowers case unless given. */
  readonly normalizeProvider?: NormalizeProvider;
  readonly clock?: Pick<Clock, "now">;
}

/** The accounts of one agent. */
export interface AuthProfiles {
  /** Reads the stores, and what is known of refresh tokens. @throws {AuthProfileError} `store-malformed` or `store-unreadable`. */
  read(): Promise<ProfileSet>;
  /** The accounts in stores that were read already. Without a refresher, refresh tokens count as good. */
  of(stores: ReadStores): Promise<ProfileSet>;
}

/** What the storages of an agent held when they were read. */
export interface ReadStores {
  readonly agent: AuthStore;
  /** The main agent's, where this is another. */
  readonly main?: AuthStore;
}

export interface CandidateQuery {
  readonly provider: string;
  /** Origins the secrets may be sent to. */
  readonly hosts: readonly string[];
  /** Pins one profile: that one or an error. */
  readonly profileId?: string;
  /** A first choice that is no pin: moved to the front if it is usable. */
  readonly preferred?: string;
  /** Cooldowns of this model count beside those of the whole credential. */
  readonly model?: string;
  /** Candidates are kept for as long as this is the same function. */
  readonly billing?: ProfileBilling;
}

/** Until something changes, the same question has the very same answer; with `preferred` it is made anew. */
export interface ProfileCandidates {
  readonly candidates: readonly Candidate[];
  /** Ids, as they stand when none is cooling. Of a set order: as it was set, with those that cannot be used. */
  readonly sequence: readonly string[];
  readonly excluded: readonly ExcludedProfile[];
  /** Pinned or ordered: nothing beyond these candidates may be tried. */
  readonly isExplicit: boolean;
}

/** The profiles as they were when read. Nothing here waits, writes or reads a file. */
export interface ProfileSet {
  readonly store: AuthStore;
  ids(): readonly string[];
  /**
   * How each profile is doing, by provider and id. References are looked up as a request would: one that
   * leads nowhere has access `missing` and the reason `unresolved_ref`, while `status` stays what the stored
   * profile says. One that nobody asked for counts as what the stored profile says.
   */
  inspect(): readonly ProfileHealth[];
  order(provider: string): ProfileOrder;
  /** Path of the store that holds a profile: the agent's own, or main's. `undefined` where none does. */
  storeOf(id: string): string | undefined;
  /** Why a profile cannot be pinned for a provider, if it cannot. @throws {AuthProfileError} `profile-not-found`. */
  checkPin(id: string, provider: string): ReasonCode | undefined;
  /** @throws {AuthProfileError} `profile-not-found` or `profile-unusable` for a pinned profile. */
  candidates(query: CandidateQuery): ProfileCandidates;
}

/**
 * Reads the stored accounts of an agent.
 *
 * @example
 * const profiles = await createAuthProfiles({ storage: createFileStorage({ storePath }), secrets: createSecretResolver({ env }) }).read();
 * const { candidates } = profiles.candidates({ provider: "anthropic", hosts: ["https://api.anthropic.com"] });
 */
export function createAuthProfiles(options: AuthProfilesOptions): AuthProfiles {
  const { storage, mainStorage, refresher, normalizeProvider = plainProvider } = options;

  function seen({ agent, main }: ReadStores): SeenStore {
    if (main === undefined) return { store: agent, storageOf: () => storage };
    // A login that was read from main is refreshed there, in its owner's file.
    const storageOf: StorageOf = (id, profile) => (main.profiles.get(id) === profile ? (mainStorage ?? storage) : storage);
    return { store: mergeStores(main, agent, normalizeProvider), storageOf };
  }

  async function of(stores: ReadStores): Promise<ProfileSet> {
    const accounts = seen(stores);
    return profileSet(accounts, options, await refresher?.states(renewable(accounts)));
  }

  return {
    async read() {
      const [agent, main] = await Promise.all([storage.read(), mainStorage?.read()]);
      return of({ agent, ...(main && { main }) });
    },
    of,
  };
}

const byName = new Intl.Collator("en");

function pinOf(id: string): ProfileOrder {
  const ids = Object.freeze([id]);
  return Object.freeze({ ids, sequence: ids, excluded: Object.freeze([]), isExplicit: true });
}

type StorageOf = (id: string, profile: AuthProfile) => ProfileStorage;

/** What an agent sees, and where each profile is kept. */
interface SeenStore {
  readonly store: AuthStore;
  readonly storageOf: StorageOf;
}

/** The logins of which more may be known than what is stored here. */
function renewable({ store, storageOf }: SeenStore): readonly StoredLogin[] {
  return [...store.profiles].flatMap(([id, profile]) => (canBeRenewed(profile) ? [{ id, profile, storage: storageOf(id, profile) }] : []));
}

function profileSet({ store, storageOf }: SeenStore, options: AuthProfilesOptions, states?: ReadonlyMap<string, RefreshState>): ProfileSet {
  const { secrets, config = {}, normalizeProvider = plainProvider, clock = systemClock } = options;
  const metadataOf = (id: string) => ownValue(config.profiles, id);
  const orderOf = createProviderOrders({ store, config, normalizeProvider });
  const candidatesOf = createCandidateLists(candidateOf);
  const answers = new WeakMap<ProfileOrder, WeakMap<readonly Candidate[], ProfileCandidates>>();
  const pins = new Map<string, ProfileOrder>();

  function health(id: string, profile: AuthProfile): ProfileHealth {
    const now = clock.now();
    const refresh = profile.type === "oauth" && options.canRefresh?.(profile) === false ? "none" : states?.get(id);
    const stored = { ...inspectProfile(id, profile, now, refresh), provider: normalizeProvider(profile.provider) };
    if (stored.reasonCode !== undefined || profile.type === "oauth") return stored;
    if (profile.ref !== undefined && secrets.outcomeOf(profile.ref)?.status === "skipped") return stored;
    try {
      resolveProfile({ id, profile, metadata: metadataOf(id), secrets, now });
      return stored;
    } catch (error) {
      // Where no reference is allowed, the status stays what the stored profile says and gives no reason.
      const isForbidden = error instanceof AuthProfileError && error.code === "ref-policy";
      return { ...stored, access: "missing", ...(!isForbidden && { reasonCode: "unresolved_ref" }) };
    }
  }

  function candidateOf(id: string, { provider, hosts, billing }: CandidateUse): Candidate {
    const profile = stored(id);
    return profileCandidate({
      id,
      profile,
      provider,
      hosts,
      billing: billing(profile),
      metadata: metadataOf(id),
      limits: ownValue(config.credentials, id),
      secrets,
      refresher: options.refresher,
      storage: storageOf(id, profile),
      now: () => clock.now(),
    });
  }

  function stored(id: string): AuthProfile {
    const profile = store.profiles.get(id);
    if (profile !== undefined) return profile;
    throw new AuthProfileError("profile-not-found", `No credentials found for profile "${id}".`, {
      profileId: id,
      hint: "openclaw models status lists the profiles; pin one of those, or none",
    });
  }

  function checkPin(id: string, provider: string): ReasonCode | undefined {
    const asked = { profile: stored(id), provider, metadata: metadataOf(id), now: clock.now() };
    return checkEligibility({ ...asked, normalizeProvider, purpose: "pin" });
  }

  function pinned(id: string, provider: string): ProfileOrder {
    const reason = checkPin(id, provider);
    if (reason !== undefined) throw unusableProfile(id, stored(id), reason);
    const known = pins.get(id) ?? pinOf(id);
    pins.set(id, known);
    return known;
  }

  function answerOf(found: ProfileOrder, use: CandidateUse): ProfileCandidates {
    const { sequence, excluded, isExplicit } = found;
    const candidates = candidatesOf(found.ids, use);
    const own = answers.get(found) ?? new WeakMap<readonly Candidate[], ProfileCandidates>();
    answers.set(found, own);
    const answer = own.get(candidates) ?? Object.freeze({ candidates, sequence, excluded, isExplicit });
    own.set(candidates, answer);
    return answer;
  }

  const order = ({ provider, model }: Pick<CandidateQuery, "provider" | "model">) =>
    orderOf({ provider, now: clock.now(), ...(model !== undefined && { model }) });

  return Object.freeze({
    store,
    ids: () => [...store.profiles.keys()],
    inspect: () =>
      [...store.profiles]
        .map(([id, profile]) => health(id, profile))
        .toSorted((left, right) => byName.compare(left.provider, right.provider) || byName.compare(left.profileId, right.profileId)),
    order: (provider) => order({ provider }),
    storeOf(id) {
      const profile = store.profiles.get(id);
      return profile && storageOf(id, profile).storePath;
    },
    checkPin,
    candidates(query) {
      const { hosts, profileId, preferred, billing = billingOfType } = query;
      const use = { provider: normalizeProvider(query.provider), hosts, billing };
      if (profileId !== undefined) return answerOf(pinned(profileId, query.provider), use);
      const found = order(query);
      const answer = answerOf(found, use);
      const index = preferredIndex(found, preferred);
      return index < 0 ? answer : { ...answer, candidates: movedToFront(answer.candidates, index) };
    },
  } satisfies ProfileSet);
}
