import type { ProfileSet } from "@openclaw/auth-profiles";
import { envKeyCandidates, liveKey, type EnvKey, type ExcludedCandidate, type Plan } from "@openclaw/key-rotation";
import type { ProviderSpec } from "@openclaw/providers";
import type { BillingClass, Candidate, CredentialInfo, SecretDefaults, SecretResolver } from "@openclaw/secrets";
import { readConfigKey } from "./config-key.ts";
import type { EnvLayers } from "./env.ts";
import type { HomeProvider } from "./provider-table.ts";

/** What a request asks for. */
export interface PlanQuery {
  readonly provider: string;
  readonly model?: string;
  readonly agentId?: string;
  /** A pinned profile: it alone, or an error. */
  readonly profileId?: string;
}

export interface PlanSources {
  readonly provider: HomeProvider;
  readonly profiles: ProfileSet;
  readonly env: EnvLayers;
  readonly resolver: SecretResolver;
  readonly defaults: SecretDefaults;
  readonly salt: Uint8Array;
}

/**
 * The one stream of credentials for a provider: stored profiles in their order, then the environment's
 * keys, then the key of the configuration, then none at all for a provider on this machine. A pin or an
 * explicit order ends the stream at its profiles; `OPENCLAW_LIVE_<P>_KEY` takes the place of everything
 * but a pin.
 */
export function createPlan(query: PlanQuery, sources: PlanSources): Plan {
  const { provider, profiles, env } = sources;
  const { spec, hosts } = provider;
  const head = { provider: spec.id, ...(query.model !== undefined && { model: query.model }) };

  const isLive = query.profileId === undefined && liveKey(env.values, spec.id) !== undefined;
  if (isLive) return freeze({ ...head, candidates: environmentKeys(sources), excluded: [] });

  const stored = profiles.candidates({ provider: spec.id, hosts, ...(query.profileId !== undefined && { profileId: query.profileId }) });
  if (query.profileId !== undefined || stored.isExplicit)
    return freeze({ ...head, candidates: stored.candidates, excluded: stored.excluded });

  const configured = configuredKey(sources);
  const keys = [...environmentKeys(sources), ...configured.candidates];
  const candidates = [...stored.candidates, ...keys];
  const excluded = [...stored.excluded, ...configured.excluded];
  return freeze({ ...head, candidates: candidates.length > 0 ? candidates : withoutKey(sources), excluded });
}

/** Who pays for a key from the environment: the name of its variable or a public prefix says so. */
export function billingOfKey(spec: ProviderSpec, key: EnvKey): BillingClass {
  if (spec.isLocal) return "local";
  const isSubscription =
    (spec.subscriptionVariables ?? []).includes(key.variable) ||
    (spec.subscriptionPrefixes ?? []).some((prefix) => key.secret.startsWith(prefix));
  return isSubscription ? "subscription" : "metered";
}

function environmentKeys(sources: PlanSources): readonly Candidate[] {
  const { spec, hosts } = sources.provider;
  return envKeyCandidates(sources.env.values, spec.id, {
    variables: spec.env,
    hosts,
    salt: sources.salt,
    billing: (key) => billingOfKey(spec, key),
  });
}

function configuredKey(sources: PlanSources): {
  readonly candidates: readonly Candidate[];
  readonly excluded: readonly ExcludedCandidate[];
} {
  const { spec, hosts, config } = sources.provider;
  const key = readConfigKey(spec.id, config?.apiKey, sources.env, sources.resolver, sources.defaults);
  if (key.kind === "unresolved") return { candidates: [], excluded: [{ id: key.origin, reason: "unresolved_ref" }] };
  if (key.kind !== "key") return { candidates: [], excluded: [] };
  const info: CredentialInfo = {
    id: key.secret.fingerprint(sources.salt),
    provider: spec.id,
    origin: key.origin,
    billing: billingOfKey(spec, { variable: "", origin: key.origin, secret: key.secret }),
    hosts,
  };
  return {
    candidates: [{ ...info, via: "key", resolve: () => ({ ...info, generation: 0, kind: "api-key", secret: key.secret }) }],
    excluded: [],
  };
}

/** A server on this machine needs no key. */
function withoutKey(sources: PlanSources): readonly Candidate[] {
  const { spec, hosts, baseUrl, config } = sources.provider;
  const isLoopback = baseUrl !== undefined && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/u.test(baseUrl.hostname);
  const isDeclared =
    config?.apiKey === undefined
      ? config?.api !== undefined && config.models !== undefined
      : readConfigKey(spec.id, config.apiKey, sources.env, sources.resolver, sources.defaults).kind === "marker";
  if (!isLoopback || !(spec.isLocal || isDeclared)) return [];
  const info: CredentialInfo = {
    id: `${spec.id}:none`,
    provider: spec.id,
    origin: "no key needed on this machine",
    billing: "local",
    hosts,
  };
  return [{ ...info, via: "key", resolve: () => ({ ...info, generation: 0, kind: "none" }) }];
}

function freeze(plan: Plan): Plan {
  return Object.freeze({ ...plan, candidates: Object.freeze(plan.candidates), excluded: Object.freeze(plan.excluded) });
}
