import { envKeyCandidates, liveKey, type ExcludedCandidate } from "@openclaw/key-rotation";
import { authProviderId, hostKind } from "@openclaw/providers";
import { formatSecretRef, SecretsError, type Candidate, type Credential, type CredentialInfo } from "@openclaw/secrets";
import { billingOfKey } from "./billing.ts";
import { readConfigKey, type ConfigKey } from "./config-key.ts";
import { limitsOfConfigKey, limitsOfVariable, withLimits } from "./credential-limits.ts";
import { keyCandidate } from "./key-candidate.ts";
import type { PlanSources } from "./plan.ts";
import type { HomeProvider } from "./provider-table.ts";

/** What comes behind the profiles of a provider. The same object until the configured key has another value. */
export interface BareKeys {
  /** The environment's keys, then the configured one. */
  readonly candidates: readonly Candidate[];
  readonly excluded: readonly ExcludedCandidate[];
  /** No credential at all, for a server on this machine that needs none. Only where there is nothing else. */
  readonly instead: readonly Candidate[];
}

/** The keys of a provider that no store holds. */
export interface ProviderKeys {
  /** `OPENCLAW_LIVE_<P>_KEY`, where it is set. */
  readonly live: readonly Candidate[] | undefined;
  current(): BareKeys;
}

/** Each key is made into a candidate once. */
export function createProviderKeys(sources: PlanSources): ProviderKeys {
  const { provider, env, secrets, defaults, auth, secretsNow } = sources;
  const { spec, config } = provider;
  const environment = environmentKeys(sources);
  const isLive = liveKey(env.values, authProviderId(spec.id)) !== undefined;
  let known: { key: ConfigKey; at: unknown; keys: BareKeys } | undefined;

  function bareKeys(key: ConfigKey): BareKeys {
    const limits = limitsOfConfigKey(auth.credentials, spec.id);
    const configured = configuredKey(key, sources).map((candidate) => withLimits(candidate, limits));
    // `${OPENAI_API_KEY}` in the configuration is a key that the environment holds already.
    const others = configured.filter(({ id }) => !environment.some((one) => one.id === id));
    const alsoConfigured = environment.map((one) => (configured.some(({ id }) => id === one.id) ? withLimits(one, limits) : one));
    return Object.freeze({
      candidates: Object.freeze([...alsoConfigured, ...others]),
      excluded: Object.freeze(key.kind === "unresolved" ? [{ id: key.origin, reason: "unresolved_ref" }] : []),
      instead: Object.freeze(needsNoKey(provider, key) ? [noKey(provider)] : []),
    });
  }

  return {
    live: isLive ? environment : undefined,
    current() {
      const at = secretsNow();
      if (known && known.at === at) return known.keys;
      const key = readConfigKey(spec.id, config?.apiKey, env, secrets, defaults);
      known = { key, at, keys: known && isSameKey(known.key, key) ? known.keys : bareKeys(key) };
      return known.keys;
    },
  };
}

/** A plan of a provider, such as `volcengine-plan`, has its provider's variables. */
function environmentKeys({ provider: { spec, hosts }, env, salt, auth }: PlanSources): readonly Candidate[] {
  const billing = (key: Parameters<typeof billingOfKey>[1]) => billingOfKey(spec, key);
  const keys = envKeyCandidates(env.values, authProviderId(spec.id), { variables: spec.env, hosts, salt, billing });
  return Object.freeze(keys.map((key) => withLimits(key, limitsOfVariable(auth.credentials, key.origin))));
}

/** Of what the same text in the configuration led to at two times. */
function isSameKey(before: ConfigKey, after: ConfigKey): boolean {
  if (before.kind === "key" && after.kind === "key") return before.secret.equals(after.secret);
  return before.kind === after.kind;
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
  const credential: Credential = { ...info, generation: 0, kind: "none" };
  return Object.freeze({ ...info, via: "key", resolve: () => credential } satisfies Candidate);
}
