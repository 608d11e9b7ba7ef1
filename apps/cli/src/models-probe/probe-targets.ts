import { readConfigKey, type Home, type HomeProvider } from "@openclaw/home";
import { envKeys, liveKey, type EnvKey } from "@openclaw/key-rotation";
import { authProviderId, needsModel, normalizeProviderId, type ProviderSpec } from "@openclaw/providers";
import type { Candidate } from "@openclaw/secrets";
import { maskedSecret } from "../profile-label.ts";
import { configKeyProblem } from "./config-key-problem.ts";
import type { ProbeChoice } from "./probe-flags.ts";
import { probeModel } from "./probe-model.ts";
import type { ProbedAccount } from "./probe-report.ts";
import { excludedByOrder, profileVerdict, unusable, type KnownVerdict } from "./profile-verdict.ts";

/** What a provider is asked, and with what. */
interface Question {
  readonly spec: ProviderSpec;
  readonly baseUrl: URL;
  readonly isLocal: boolean;
  /** As the provider is sent it. */
  readonly model?: string;
  readonly candidate: Candidate;
}

/** An account, and the question that shows how it fares, or how it fares where that is known already. */
export type ProbeTarget = { readonly account: ProbedAccount } & ({ readonly question: Question } | { readonly known: KnownVerdict });

/** Which accounts there are to try out. */
export interface TargetQuery {
  /** The providers that `models status` lists, in its order. */
  readonly listed: readonly string[];
  readonly choice: ProbeChoice;
  readonly agentId: string | undefined;
}

/**
 * The accounts to try out: of each provider the stored profiles; of one without, the keys of the environment, every one of
 * them, else the key of the configuration, else none at all where none is needed. A live key takes the place of all others
 * in requests, so it is tried out beside the profiles.
 */
export function probeTargets(home: Home, { listed, choice, agentId }: TargetQuery): readonly ProbeTarget[] {
  const wanted = choice.provider === undefined ? undefined : normalizeProviderId(choice.provider);
  // One that was named may have keys in the environment that do not list it.
  const providers = wanted === undefined ? listed : [wanted];
  return providers.flatMap((provider) => {
    const profiles = profileTargets(home, provider, agentId);
    if (choice.profileIds.length > 0) return profiles.filter(({ account }) => choice.profileIds.includes(account.profileId ?? ""));
    const isLive = liveKey(home.current.env.values, authProviderId(provider)) !== undefined;
    return profiles.length > 0 && !isLive ? profiles : [...profiles, ...keyTargets(home, provider, agentId)];
  });
}

function profileTargets(home: Home, provider: string, agentId: string | undefined): readonly ProbeTarget[] {
  const profiles = home.current.agents.find(agentId).profiles();
  const own = [...profiles.store.profiles].filter(([, profile]) => authProviderId(profile.provider) === authProviderId(provider));
  if (own.length === 0) return [];
  const order = profiles.order(provider);
  const where = placeOf(home, provider, agentId);
  return own.map(([id, profile]) => {
    const account = { provider, ...where.named, profileId: id, label: id, source: "profile", mode: profile.type } as const;
    const known = profileVerdict(home.current, { id, profile, provider, order });
    if (known) return { account, known };
    if (where.known) return { account, known: where.known };
    const { spec, hosts } = where.provider;
    const [candidate] = profiles.candidates({ provider: spec.id, hosts, profileId: id }).candidates;
    return targetOf(account, where, candidate);
  });
}

function keyTargets(home: Home, provider: string, agentId: string | undefined): readonly ProbeTarget[] {
  const { providers, env, salt, lookUp, config } = home.current;
  const found = providers.find(provider);
  if (!found) return [];
  const where = placeOf(home, provider, agentId);
  const plan = home.plan({ provider: where.provider?.spec.id ?? provider, ...(agentId !== undefined && { agentId }) });
  const base = { provider, ...where.named };

  const keys = envKeys(env.values, authProviderId(provider), { variables: found.spec.env });
  if (keys.length > 0) {
    return keys.map((key) => {
      const account = { ...base, label: `${key.origin}=${maskedSecret(key.secret, salt)}`, source: "env", mode: modeOf(key) } as const;
      return targetOf(
        account,
        where,
        plan.candidates.find(({ origin }) => origin === key.origin),
      );
    });
  }
  const key = readConfigKey(provider, found.config?.apiKey, env, lookUp, config.secrets?.defaults ?? {});
  const source = "models.json";
  if (key.kind === "unresolved") {
    const hint = `openclaw secrets explain models.providers.${provider}.apiKey`;
    const known = { ...unusable("unresolved_ref", configKeyProblem(home.current, provider, key)), hint };
    return [{ account: { ...base, label: key.origin, source, mode: "api_key" }, known }];
  }
  const name = key.kind === "key" ? ({ label: `${key.origin}=${maskedSecret(key.secret, salt)}`, mode: "api_key" } as const) : undefined;
  return plan.candidates
    .filter(({ via }) => via === "key")
    .map((candidate) => targetOf({ ...base, source, ...(name ?? { label: candidate.origin }) }, where, candidate));
}

/** Where a provider is asked, and what. */
type Place = { readonly named: Pick<ProbedAccount, "model"> } & (
  | { readonly known: KnownVerdict; readonly provider?: undefined }
  | { readonly known?: undefined; readonly provider: HomeProvider; readonly baseUrl: URL; readonly model: string | undefined }
);

function placeOf(home: Home, provider: string, agentId: string | undefined): Place {
  const ref = probeModel(home.current, provider, agentId);
  const named = ref ? { model: `${ref.provider}/${ref.model}` } : {};
  const found = home.current.providers.find(ref?.provider ?? provider);
  if (!found) return { named, known: { status: "unknown", error: `There is no provider ${provider}.` } };
  if (!found.baseUrl) {
    return { named, known: { status: "unknown", error: found.problem ?? `${provider} has an address only while a gateway runs it.` } };
  }
  if (!needsModel(found.spec)) return { named: {}, provider: found, baseUrl: found.baseUrl, model: undefined };
  if (ref) return { named, provider: found, baseUrl: found.baseUrl, model: ref.model };
  const error = `No model of ${provider} is known to ask.`;
  const hint = `name one as ${provider}/<model> under agents.defaults.models`;
  return { named, known: { status: "no_model", reasonCode: "no_model", error, hint } };
}

function targetOf(account: ProbedAccount, where: Place, candidate: Candidate | undefined): ProbeTarget {
  if (!candidate) return { account, known: excludedByOrder };
  if (where.known) return { account, known: where.known };
  const { spec, config } = where.provider;
  return {
    account,
    question: {
      spec,
      baseUrl: where.baseUrl,
      isLocal: spec.isLocal === true || config?.local === true,
      ...(where.model !== undefined && { model: where.model }),
      candidate,
    },
  };
}

function modeOf({ variable }: EnvKey): "oauth" | "api_key" {
  return variable.includes("OAUTH_TOKEN") ? "oauth" : "api_key";
}
