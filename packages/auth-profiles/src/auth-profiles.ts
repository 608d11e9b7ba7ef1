import { systemClock, type BillingClass, type Candidate, type Clock } from "@openclaw/secrets";
import { billingOfType, profileCandidate, type ProfileBilling } from "./candidate.ts";
import { checkEligibility } from "./eligibility.ts";
import { AuthProfileError } from "./errors.ts";
import type { ProfileStorage } from "./file-storage.ts";
import { inspectProfile, type ProfileHealth } from "./inspect.ts";
import { mergeStores } from "./merge-stores.ts";
import type { Refresher } from "./oauth/refresher.ts";
import { plainProvider, type NormalizeProvider } from "./normalize-provider.ts";
import { orderProfiles, type ExcludedProfile, type ProfileConfig, type ProfileOrder } from "./order.ts";
import type { AuthProfile } from "./profile.ts";
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
  readonly config?: ProfileConfig;
  /** Trims and lowers case unless given. */
  readonly normalizeProvider?: NormalizeProvider;
  readonly clock?: Pick<Clock, "now">;
}

/** The accounts of one agent. */
export interface AuthProfiles {
  /** @throws {AuthProfileError} `store-malformed` or `store-unreadable`. */
  read(): Promise<ProfileSet>;
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
  readonly billing?: ProfileBilling;
}

export interface ProfileCandidates {
  readonly candidates: readonly Candidate[];
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
  const { storage, mainStorage, normalizeProvider = plainProvider } = options;
  return {
    async read() {
      const [agent, main] = await Promise.all([storage.read(), mainStorage?.read()]);
      if (main === undefined || mainStorage === undefined) return profileSet(agent, () => storage, options);
      // A login that was read from main is refreshed there, in its owner's file.
      const ownerOf = (id: string, profile: AuthProfile) => (main.profiles.get(id) === profile ? mainStorage : storage);
      return profileSet(mergeStores(main, agent, normalizeProvider), ownerOf, options);
    },
  };
}

const byName = new Intl.Collator("en");

type StorageOf = (id: string, profile: AuthProfile) => ProfileStorage;

function profileSet(store: AuthStore, storageOf: StorageOf, options: AuthProfilesOptions): ProfileSet {
  const { secrets, config = {}, normalizeProvider = plainProvider, clock = systemClock } = options;
  const metadataOf = (id: string) => ownValue(config.profiles, id);

  function health(id: string, profile: AuthProfile): ProfileHealth {
    const now = clock.now();
    const stored = { ...inspectProfile(id, profile, now), provider: normalizeProvider(profile.provider) };
    if (stored.reasonCode !== undefined || profile.type === "oauth") return stored;
    if (profile.ref !== undefined && secrets.outcomeOf(profile.ref)?.status === "skipped") return stored;
    try {
      resolveProfile({ id, profile, metadata: undefined, secrets, now });
      return stored;
    } catch {
      return { ...stored, access: "missing", reasonCode: "unresolved_ref" };
    }
  }

  function candidateOf(id: string, profile: AuthProfile, query: CandidateQuery): Candidate {
    const billing: BillingClass = (query.billing ?? billingOfType)(profile);
    const provider = normalizeProvider(query.provider);
    return profileCandidate({
      id,
      profile,
      provider,
      hosts: query.hosts,
      billing,
      metadata: metadataOf(id),
      secrets,
      refresher: options.refresher,
      storage: storageOf(id, profile),
      now: () => clock.now(),
    });
  }

  function pinned(id: string, query: CandidateQuery): ProfileCandidates {
    const profile = store.profiles.get(id);
    if (profile === undefined) {
      throw new AuthProfileError("profile-not-found", `No credentials found for profile "${id}".`, {
        profileId: id,
        hint: "openclaw models status lists the profiles; /model <model>@<profile> pins another, /new clears the pin",
      });
    }
    const reason = checkEligibility({
      profile,
      provider: query.provider,
      metadata: metadataOf(id),
      now: clock.now(),
      normalizeProvider,
      purpose: "pin",
    });
    if (reason !== undefined) throw unusableProfile(id, profile, reason);
    return { candidates: [candidateOf(id, profile, query)], excluded: [], isExplicit: true };
  }

  const order = (query: Pick<CandidateQuery, "provider" | "model" | "preferred">) =>
    orderProfiles({ ...query, store, config, now: clock.now(), normalizeProvider });

  return Object.freeze({
    store,
    ids: () => [...store.profiles.keys()],
    inspect: () =>
      [...store.profiles]
        .map(([id, profile]) => health(id, profile))
        .toSorted((left, right) => byName.compare(left.provider, right.provider) || byName.compare(left.profileId, right.profileId)),
    order: (provider) => order({ provider }),
    candidates(query) {
      if (query.profileId !== undefined) return pinned(query.profileId, query);
      const { ids, excluded, isExplicit } = order(query);
      const candidates = ids.flatMap((id) => {
        const profile = store.profiles.get(id);
        return profile === undefined ? [] : [candidateOf(id, profile, query)];
      });
      return { candidates, excluded, isExplicit };
    },
  } satisfies ProfileSet);
}
