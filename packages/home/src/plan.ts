import type { ProfileSecrets, ProfileSet } from "@openclaw/auth-profiles";
import { envKeyCandidates, liveKey, type ExcludedCandidate, type Plan } from "@openclaw/key-rotation";
import { authProviderId, hostKind } from "@openclaw/providers";
import {
  formatSecretRef,
  SecretsError,
  type Candidate,
  type Credential,
  type CredentialInfo,
  type SecretDefaults,
} from "@openclaw/secrets";
import { billingOfKey, profileBilling } from "./billing.ts";
import { readConfigKey, type ConfigKey } from "./config-key.ts";
import { keyCandidate } from "./key-candidate.ts";
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

/** What a plan is made of. */
export interface PlanSources {
  readonly provider: HomeProvider;
  readonly profiles: ProfileSet;
  readonly env: EnvLayers;
  readonly secrets: ProfileSecrets;
  readonly defaults: SecretDefaults;
  readonly salt: Uint8Array;
}

/**
 * The one stream of credentials for a provider: stored profiles in their order, then the environment's
 * keys, then the key of the configuration, then none at all for a provider on this machine. A pin or an
 * explicit order ends the stream at its profiles; `OPENCLAW_LIVE_<P>_KEY` takes the place of everything
 * but a pin.
 *
 * @throws {AuthProfileError} `profile-not-found` or `profile-unusable` for a pinned profile.
 */
export function createPlan(query: PlanQuery, sources: PlanSources): Plan {
  const { spec, hosts } = sources.provider;
  const planOf = (candidates: readonly Candidate[], excluded: readonly ExcludedCandidate[]): Plan =>
    Object.freeze({
      provider: spec.id,
      ...(query.model !== undefined && { model: query.model }),
      candidates: Object.freeze(candidates),
      excluded: Object.freeze(excluded),
    });

  const isLive = query.profileId === undefined && liveKey(sources.env.values, authProviderId(spec.id)) !== undefined;
  if (isLive) return planOf(environmentKeys(sources), []);

  const stored = sources.profiles.candidates({
    provider: spec.id,
    hosts,
    billing: profileBilling(spec),
    ...(query.model !== undefined && { model: query.model }),
    ...(query.profileId !== undefined && { profileId: query.profileId }),
  });
  if (stored.isExplicit) return planOf(stored.candidates, stored.excluded);

  const { config } = sources.provider;
  const configKey = readConfigKey(spec.id, config?.apiKey, sources.env, sources.secrets, sources.defaults);
  const environment = environmentKeys(sources);
  // `${OPENAI_API_KEY}` in the configuration is a key that the environment holds already.
  const configured = configuredKey(configKey, sources).filter(({ id }) => !environment.some((key) => key.id === id));
  const candidates = [...stored.candidates, ...environment, ...configured];
  return planOf(
    candidates.length === 0 && needsNoKey(sources.provider, configKey) ? [noKey(sources.provider)] : candidates,
    configKey.kind === "unresolved" ? [...stored.excluded, { id: configKey.origin, reason: "unresolved_ref" }] : stored.excluded,
  );
}

/** A plan of a provider, such as `volcengine-plan`, has its provider's variables. */
function environmentKeys({ provider, env, salt }: PlanSources): readonly Candidate[] {
  const { spec, hosts } = provider;
  const billing = (key: Parameters<typeof billingOfKey>[1]) => billingOfKey(spec, key);
  return envKeyCandidates(env.values, authProviderId(spec.id), { variables: spec.env, hosts, salt, billing });
}

function configuredKey(key: ConfigKey, { provider, salt, secrets }: PlanSources): readonly Candidate[] {
  const { spec, hosts } = provider;
  if (key.kind === "skipped") return [unseenKey(key, provider)];
  if (key.kind !== "key") return [];
  const info: CredentialInfo = {
    id: key.secret.fingerprint(salt),
    provider: authProviderId(spec.id),
    origin: key.origin,
    billing: billingOfKey(spec, key),
    hosts,
  };
  return [keyCandidate(info, key, secrets)];
}

/** A key that a command would give, in a home that runs none. It is listed, for it may well work, and cannot be used. */
function unseenKey(key: ConfigKey & { readonly kind: "skipped" }, { spec, hosts }: HomeProvider): Candidate {
  const { origin, ref } = key;
  return Object.freeze({
    id: origin,
    provider: authProviderId(spec.id),
    origin,
    billing: spec.isLocal ? "local" : "metered",
    hosts,
    via: "key",
    resolve() {
      throw new SecretsError("reference-unresolved", `${formatSecretRef(ref)} was not resolved: this home was opened to be looked at`);
    },
  } satisfies Candidate);
}

/** A server on this machine, or one the operator declared local, that was given no key. A key that does not resolve is not none. */
function needsNoKey({ spec, baseUrl, config }: HomeProvider, key: ConfigKey): boolean {
  if (baseUrl === undefined || (key.kind !== "absent" && key.kind !== "marker")) return false;
  const isNear = config?.local === true || hostKind(baseUrl.hostname) === "loopback";
  const isDeclared = key.kind === "marker" || (config?.api !== undefined && config.models !== undefined);
  return isNear && (spec.isLocal === true || isDeclared);
}

function noKey({ spec, hosts }: HomeProvider): Candidate {
  const info: CredentialInfo = { id: `${spec.id}:none`, provider: spec.id, origin: "no key needed", billing: "local", hosts };
  return bareKey(info, { ...info, generation: 0, kind: "none" });
}

function bareKey(info: CredentialInfo, credential: Credential): Candidate {
  return Object.freeze({ ...info, via: "key", resolve: () => credential } satisfies Candidate);
}
