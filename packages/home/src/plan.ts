import type { ProfileCandidates, ProfileSecrets, ProfileSet } from "@openclaw/auth-profiles";
import type { Plan } from "@openclaw/key-rotation";
import type { BillingClass, SecretDefaults } from "@openclaw/secrets";
import type { AuthConfig } from "./auth-config.ts";
import { profileBilling } from "./billing.ts";
import { fenced, noProfiles, profileStream, withKeys, type CredentialStream } from "./credential-stream.ts";
import type { EnvLayers } from "./env.ts";
import { createPreferredStreams } from "./preferred-stream.ts";
import { planStrategy } from "./plan-strategy.ts";
import { createProviderKeys, type BareKeys } from "./provider-keys.ts";
import type { HomeProvider } from "./provider-table.ts";

/** What a request asks for. */
export interface PlanQuery {
  readonly provider: string;
  readonly model?: string;
  readonly agentId?: string;
  /** A pinned profile: it alone, or an error. With `auth.pins: "prefer"` it comes first, and the others after it. */
  readonly profileId?: string;
}

/** What the plans of a provider are made of. */
export interface PlanSources {
  readonly provider: HomeProvider;
  readonly env: EnvLayers;
  readonly secrets: ProfileSecrets;
  /** Gives another object whenever a reference may lead to another value. */
  readonly secretsNow: () => unknown;
  readonly defaults: SecretDefaults;
  readonly salt: Uint8Array;
  readonly auth: AuthConfig;
}

/** Makes the plans of one provider from the profiles of an agent. */
export type Planner = (query: PlanQuery, profiles: ProfileSet) => Plan;

/**
 * The one stream of credentials for a provider: stored profiles in their order, then the environment's
 * keys, then the key of the configuration, then none at all for a provider on this machine. A pin or an
 * explicit order ends the stream at its profiles, and behind a flat plan leaves out what is paid per token;
 * `OPENCLAW_LIVE_<P>_KEY` takes the place of everything but a pin. Until something changes, a plan has the
 * very same lists.
 *
 * @throws {AuthProfileError} `profile-not-found` or `profile-unusable` for a pinned profile.
 */
export function createPlanner(sources: PlanSources): Planner {
  const { provider, auth } = sources;
  const { spec, hosts } = provider;
  const billing = profileBilling(spec);
  const mayCross = auth.billingCrossing === "allow";
  const strategy = planStrategy(spec.id, auth.strategies);
  const keys = createProviderKeys(sources);
  const live = keys.live && withKeys(noProfiles, keys.live, []);
  const streams = new WeakMap<ProfileCandidates, KeptStream>();
  const pinnedFirst = createPreferredStreams(mayCross);

  function candidates({ model }: PlanQuery, profiles: ProfileSet, profileId?: string): ProfileCandidates {
    const asked = { ...(model !== undefined && { model }), ...(profileId !== undefined && { profileId }) };
    return profiles.candidates({ provider: spec.id, hosts, billing, ...asked });
  }

  function billingOf(id: string, profiles: ProfileSet): BillingClass | undefined {
    const profile = profiles.store.profiles.get(id);
    return profile && billing(profile);
  }

  function streamOf(stored: ProfileCandidates, profiles: ProfileSet): CredentialStream {
    const bare = stored.isExplicit ? undefined : keys.current();
    const kept = streams.get(stored);
    if (kept && kept.bare === bare) return kept.stream;
    const ofProfiles = profileStream(stored, (id) => billingOf(id, profiles));
    const stream = bare ? behindProfiles(ofProfiles, bare) : mayCross ? ofProfiles : fenced(ofProfiles);
    streams.set(stored, { bare, stream });
    return stream;
  }

  function unpinned(query: PlanQuery, profiles: ProfileSet): CredentialStream {
    return live ?? streamOf(candidates(query, profiles), profiles);
  }

  function pinned(id: string, query: PlanQuery, profiles: ProfileSet): CredentialStream {
    const isStrict = auth.pins !== "prefer";
    const reason = profiles.checkPin(id, spec.id);
    // Whoever pins what another provider's is has misspelt something.
    if (!isStrict && reason !== undefined && reason !== "provider_mismatch") {
      const payer = billingOf(id, profiles);
      const first = { id, reason, ...(payer !== undefined && { billing: payer }) };
      return pinnedFirst(first, profiles.store, unpinned(query, profiles));
    }
    const stored = candidates(query, profiles, id);
    const [first] = stored.candidates;
    return isStrict || !first ? streamOf(stored, profiles) : pinnedFirst(first, profiles.store, unpinned(query, profiles));
  }

  return (query, profiles) => {
    const { model, profileId } = query;
    const stream = profileId === undefined ? unpinned(query, profiles) : pinned(profileId, query, profiles);
    return Object.freeze({
      provider: spec.id,
      ...(model !== undefined && { model }),
      candidates: stream.candidates,
      excluded: stream.excluded,
      // Whatever is spread, a pin is the first choice.
      ...(profileId === undefined && strategy),
    });
  };
}

interface KeptStream {
  readonly bare: BareKeys | undefined;
  readonly stream: CredentialStream;
}

function behindProfiles(stream: CredentialStream, { candidates, excluded, instead }: BareKeys): CredentialStream {
  const isEmpty = stream.candidates.length + candidates.length === 0;
  return withKeys(stream, isEmpty ? instead : candidates, excluded);
}
